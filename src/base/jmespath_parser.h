// Reads a JMESPath expression: https://jmespath.org/specification.html.
#pragma once

#include <string_view>

#include "base/jmespath_node.h"
#include "base/result.h"

namespace bellpull {

inline constexpr unsigned max_jmes_depth = 64;  // of parentheses, brackets, arguments and steps

// Fails with `invalid`, saying what was expected where. Functions and how many arguments they take
// are checked here, so that a mistake is not hidden by a reply that does not come to it.
Result<JmesNode> parse_jmespath(std::string_view text);

}  // namespace bellpull
