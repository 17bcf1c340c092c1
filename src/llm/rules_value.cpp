#include "llm/rules_value.h"

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/kind.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/json_reader.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_number = 64;
constexpr std::size_t shown_bytes = 200;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<json::value> number_in(std::string_view text) {
  if (text.empty() || text.size() > longest_number) return std::nullopt;
  if ((!is_digit(text.front()) && text.front() != '-') || !is_digit(text.back())) {
    return std::nullopt;
  }
  const JsonReading reading = read_json(text, 1);
  if (reading.error || !reading.value.is_number()) return std::nullopt;
  return reading.value;
}

// Exact for whole numbers of 64 bits.
long double as_number(const json::value& number) {
  if (number.is_int64()) return static_cast<long double>(number.get_int64());
  if (number.is_uint64()) return static_cast<long double>(number.get_uint64());
  return static_cast<long double>(number.get_double());
}

std::optional<long double> number_of(const json::value& value) {
  if (value.is_number()) return as_number(value);
  if (!value.is_string()) return std::nullopt;
  const auto number = number_in(value.get_string());
  if (!number) return std::nullopt;
  return as_number(*number);
}

}  // namespace

std::string inserted_text(const json::value& value) {
  if (value.is_string()) return std::string{value.get_string()};
  if (value.is_double()) return fmt::format("{}", value.get_double());
  return json::serialize(value);
}

json::value plain_value(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const auto number = number_in(text);
  return number ? *number : json::value(text);
}

bool equal_values(const json::value& left, const json::value& right) {
  if (left.is_number() || right.is_number()) {
    const auto one = number_of(left);
    const auto other = number_of(right);
    return one && other && *one == *other;
  }
  return left == right;
}

std::optional<std::partial_ordering> compare_values(const json::value& left,
                                                    const json::value& right) {
  const auto one = number_of(left);
  const auto other = number_of(right);
  if (one && other) return *one <=> *other;
  if (!left.is_string() || !right.is_string()) return std::nullopt;
  return std::string_view{left.get_string()} <=> std::string_view{right.get_string()};
}

std::string_view kind_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "nothing";
    case json::kind::bool_:
      return "true or false";
    case json::kind::string:
      return "a text";
    case json::kind::array:
      return "a list";
    case json::kind::object:
      return "an object";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      break;
  }
  return "a number";
}

std::string shown(std::string_view text) {
  if (text.size() <= shown_bytes) return std::string{text};
  std::size_t end = shown_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string{text.substr(0, end)} + "...";
}

}  // namespace bellpull
