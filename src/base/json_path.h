// A path to one value in JSON, in the small part of JSONPath (RFC 9535) that names exactly one:
// `$`, then `.name`, `['any name']` or `[0]`, at most 24 of them: "$.data.items[0]['order id']".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/json/value.hpp>

#include "base/result.h"

namespace bellpull {

class JsonPath {
 public:
  static constexpr std::size_t max_bytes = 256;

  // Fails with `invalid`, saying what was expected where. "$" alone names no member and is refused.
  static Result<JsonPath> parse(std::string_view text);

  // Null when there is no such value.
  const boost::json::value* find(const boost::json::value& root) const;

  const std::string& text() const { return text_; }

 private:
  using Step = std::variant<std::string, std::size_t>;  // a member's name, an element's index

  std::string text_;
  std::vector<Step> steps_;
};

}  // namespace bellpull
