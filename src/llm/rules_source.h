// Where the program of builtin/rules stands in a backstory: in its only block fenced as ```rules or
// ```yaml; a backstory without such a block is the program as a whole.
#pragma once

#include <optional>
#include <string_view>

#include "llm/rules_problem.h"

namespace bellpull {

struct RulesSource {
  std::string_view text;   // of the backstory
  int first_line = 1;      // of the text, in the backstory
  bool is_fenced = false;  // else the whole backstory
};

// Nothing, and problems, for several blocks and for one that is not closed.
std::optional<RulesSource> find_rules(std::string_view backstory, RulesProblems& problems);

}  // namespace bellpull
