// The text of a JSONPath query while it is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/result.h"

namespace bellpull {

class QueryText {
 public:
  // `text` outlives it.
  explicit QueryText(std::string_view text) : text_(text) {}

  std::size_t at() const { return at_; }
  void go_back_to(std::size_t at) { at_ = at; }
  bool is_at_end() const { return at_ == text_.size(); }
  // Zero at the end.
  char front() const { return is_at_end() ? '\0' : text_[at_]; }
  char take();
  bool accept(std::string_view word);
  void skip_blanks();

  // A text in either quotes.
  Result<std::string> take_string();
  // Nothing when there is no digit. Indices are within what every JSON reader can tell apart.
  Result<std::optional<std::int64_t>> take_index();
  // A JSON number.
  Result<boost::json::value> take_number();

  std::unexpected<Error> expected(std::string_view what) const;

 private:
  bool take_escape(char quote, std::string& result);
  std::optional<std::uint32_t> take_four_digits();
  bool take_unicode(std::string& result);

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace bellpull
