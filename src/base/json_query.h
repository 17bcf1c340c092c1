// A JSONPath query (RFC 9535) for any number of values: wildcards, descendants, slices, unions and
// filters with all five functions. Where exactly one value is needed, see base/json_path.h.
//
// Bounds: its text, its nesting, and by base/query_budget.h what it may cost and give.
// Threads: any, once parsed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/json_query_node.h"
#include "base/result.h"

namespace bellpull {

class JsonQuery {
 public:
  static constexpr std::size_t max_bytes = 4096;

  // Fails with `invalid`, saying what was expected where.
  static Result<JsonQuery> parse(std::string_view text);

  // A query that can only name one value gives it, or nothing; any other the list of what it finds.
  // Fails with `invalid` when it would cost or give too much.
  Result<std::optional<boost::json::value>> search(const boost::json::value& root) const;

  const std::string& text() const { return text_; }

 private:
  std::string text_;
  QueryPath path_;
};

}  // namespace bellpull
