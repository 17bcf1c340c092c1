// Which fields an action's input has, so that an instruction can be read before it runs.
//
// An input is a YAML map of these fields, or a text, which is the main field (reference: the body
// of a block). Options of the block's first line are fields, too, and win over the map's.
#pragma once

#include <string_view>
#include <vector>

#include "base/time.h"

namespace bellpull {

struct ActionShape {
  std::string_view main;
  std::vector<std::string_view> fields = {};  // the others
  // The field whose placeholders become parameters, "$1" in it, and values in `parameters`.
  std::string_view bound = {};
  // Fields (with all below them) that secrets may stand in; of a text: the main field.
  std::vector<std::string_view> secret_fields = {};

  // A call may wait (ActionOutcome::waits_until); such an action is all of its instruction.
  bool waits = false;
  // Where the instruction sets no timeout; zero: as long as the run has.
  Duration default_timeout{0};

  bool has(std::string_view field) const;
  bool takes_secrets(std::string_view field) const;
};

// Fields of every action: how long one call may take, in milliseconds, and how many calls of the
// ability run at the same time.
inline constexpr std::string_view timeout_field = "timeout";
inline constexpr std::string_view concurrency_field = "concurrency";

}  // namespace bellpull
