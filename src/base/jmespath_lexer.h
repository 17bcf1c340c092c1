// The words of a JMESPath expression.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "base/result.h"

namespace bellpull {

enum class JmesWord : std::uint8_t {
  end,
  name,
  quoted_name,
  number,
  literal,  // JSON in backticks, or a raw text
  dot,
  star,
  at,
  comma,
  colon,
  ampersand,
  bar,
  both,    // &&
  either,  // ||
  bang,
  equal,
  unequal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  open_parenthesis,
  close_parenthesis,
  open_bracket,
  close_bracket,
  open_filter,  // [?
  flatten,      // []
  open_brace,
  close_brace,
};

struct JmesToken {
  JmesWord word = JmesWord::end;
  std::size_t at = 0;          // its first byte
  std::string text;            // of a name
  boost::json::value literal;  // of a literal or number
};

// Ends with JmesWord::end. Fails with `invalid`, saying what is wrong where.
Result<std::vector<JmesToken>> read_jmes_tokens(std::string_view text);

}  // namespace bellpull
