// Reads a JSONPath query as RFC 9535 has it. Beyond it, a name behind a dot may have dashes, as in
// base/json_path.h.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/json_query_node.h"
#include "base/result.h"

namespace bellpull {

inline constexpr unsigned max_query_depth = 64;  // of filters, parentheses and arguments
inline constexpr std::size_t max_query_segments = 64;

// Fails with `invalid`, saying what was expected where.
Result<QueryPath> parse_json_query(std::string_view text);

}  // namespace bellpull
