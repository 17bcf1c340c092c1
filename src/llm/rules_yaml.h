// YAML as builtin/rules reads it: a tree with line numbers, and nothing that could grow.
//
// Refused: anchors, aliases, tags, keys that are no plain text, a second document, and whatever is
// over a limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llm/rules_problem.h"

namespace bellpull {

struct RulesMember;

struct RulesNode {
  enum class Kind : std::uint8_t { nothing, scalar, list, map };

  Kind kind = Kind::nothing;
  int line = 0;
  std::string text;                  // scalar
  bool is_quoted = false;            // scalar: text, even if it looks like a number
  std::vector<RulesNode> items;      // list
  std::vector<RulesMember> members;  // map, in the order of writing; each key once

  const RulesNode* find(std::string_view key) const;
};

struct RulesMember {
  std::string key;
  int line = 0;
  RulesNode value;
};

inline constexpr std::size_t max_program_bytes = std::size_t{64} * 1024;

// `first_line`: the number of the text's first line. Nothing, and problems, for what can't be read.
std::optional<RulesNode> read_rules_yaml(std::string_view text, int first_line,
                                         RulesProblems& problems);

}  // namespace bellpull
