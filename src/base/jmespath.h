// A JMESPath expression (https://jmespath.org): picks and reshapes parts of a JSON value. The whole
// language of its specification, with all functions.
//
// Bounds: its text, its nesting, and by base/query_budget.h what it may cost and give.
// Threads: any, once parsed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/jmespath_node.h"
#include "base/result.h"

namespace bellpull {

class JmesPath {
 public:
  static constexpr std::size_t max_bytes = 4096;

  // Fails with `invalid`, saying what was expected where.
  static Result<JmesPath> parse(std::string_view text);

  // Null where nothing is found. Fails with `invalid` when a function is given what it does not
  // take, and when it would cost or give too much.
  Result<boost::json::value> search(const boost::json::value& root) const;

  const std::string& text() const { return text_; }

 private:
  std::string text_;
  JmesNode root_;
};

}  // namespace bellpull
