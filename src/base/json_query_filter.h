// Reads the filters of a JSONPath query: base/json_query_parser.h.
#pragma once

#include "base/json_query_node.h"
#include "base/json_query_text.h"
#include "base/result.h"

namespace bellpull {

// From behind "?". Checks that functions are given and used as what they take and give.
Result<QueryTest> read_query_test(QueryText& text, unsigned depth);

// From "$" or "@".
Result<QueryPath> read_query_path(QueryText& text, unsigned depth);

}  // namespace bellpull
