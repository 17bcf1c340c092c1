#include "base/json_query_text.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/json.h"
#include "base/result.h"

namespace bellpull {

namespace {

constexpr std::int64_t largest_index = 9007199254740991;  // 2^53 - 1

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void add_utf8(std::uint32_t character, std::string& text) {
  const auto tail = [&](unsigned shift) {
    text += static_cast<char>(0x80U | ((character >> shift) & 0x3FU));
  };
  if (character < 0x80) {
    text += static_cast<char>(character);
  } else if (character < 0x800) {
    text += static_cast<char>(0xC0U | (character >> 6U));
    tail(0);
  } else if (character < 0x10000) {
    text += static_cast<char>(0xE0U | (character >> 12U));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0U | (character >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

char QueryText::take() {
  const char c = front();
  if (!is_at_end()) ++at_;
  return c;
}

bool QueryText::accept(std::string_view word) {
  if (!text_.substr(at_).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

void QueryText::skip_blanks() {
  while (front() == ' ' || front() == '\t' || front() == '\n' || front() == '\r') ++at_;
}

Result<std::string> QueryText::take_string() {
  const char quote = take();
  std::string result;
  while (front() != quote) {
    if (is_at_end()) return expected(fmt::format("{} to close the text", quote));
    const char c = front();
    if (static_cast<unsigned char>(c) < 0x20) {
      return expected("no control character within a text (write \\n, \\u0000)");
    }
    if (c != '\\') {
      result += take();
    } else if (!take_escape(quote, result)) {
      return expected("one of \\b \\f \\n \\r \\t \\/ \\\\ \\u0041 or the escaped quote");
    }
  }
  take();
  return result;
}

bool QueryText::take_escape(char quote, std::string& result) {
  const std::size_t begin = at_;
  take();
  const char c = take();
  constexpr std::string_view names = "bfnrt/\\";
  constexpr std::string_view meant = "\b\f\n\r\t/\\";
  if (c == quote) {
    result += c;
    return true;
  }
  if (const std::size_t which = names.find(c); which != std::string_view::npos) {
    result += meant[which];
    return true;
  }
  if (c == 'u' && take_unicode(result)) return true;
  at_ = begin;
  return false;
}

std::optional<std::uint32_t> QueryText::take_four_digits() {
  const std::string_view digits = text_.substr(at_, 4);
  std::uint32_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  if (error != std::errc{} || end != digits.data() + 4) return std::nullopt;
  at_ += 4;
  return number;
}

// A pair of surrogates is one character; half of one is none.
bool QueryText::take_unicode(std::string& result) {
  const auto first = take_four_digits();
  if (!first || (*first >= 0xDC00 && *first < 0xE000)) return false;
  if (*first < 0xD800 || *first >= 0xE000) {
    add_utf8(*first, result);
    return true;
  }
  if (!accept("\\u")) return false;
  const auto second = take_four_digits();
  if (!second || *second < 0xDC00 || *second >= 0xE000) return false;
  add_utf8(0x10000 + ((*first - 0xD800) << 10U) + (*second - 0xDC00), result);
  return true;
}

Result<std::optional<std::int64_t>> QueryText::take_index() {
  const std::size_t begin = at_;
  const bool is_negative = accept("-");
  const std::size_t digits = at_;
  while (is_digit(front())) ++at_;
  const std::size_t count = at_ - digits;
  if (count == 0 && !is_negative) return std::nullopt;
  const bool starts_with_zero = count > 0 && text_[digits] == '0';
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text_.data() + digits, text_.data() + at_, number);
  if (count == 0 || error != std::errc{} || number > largest_index ||
      (starts_with_zero && (count > 1 || is_negative))) {
    at_ = begin;
    return expected("a whole number without leading zeros, up to 2^53,");
  }
  return is_negative ? -number : number;
}

Result<boost::json::value> QueryText::take_number() {
  const std::size_t begin = at_;
  while (is_digit(front()) || (front() != '\0' && std::string_view{"+-.eE"}.contains(front())))
    ++at_;
  auto number = parse_foreign(text_.substr(begin, at_ - begin));
  if (number && number->is_number()) return std::move(*number);
  at_ = begin;
  return expected("a number, as JSON has them,");
}

std::unexpected<Error> QueryText::expected(std::string_view what) const {
  if (is_at_end()) {
    return fail(ErrorCode::invalid, fmt::format("{} is expected at the end", what));
  }
  return fail(ErrorCode::invalid, fmt::format("{} is expected at character {}", what, at_ + 1));
}

}  // namespace bellpull
