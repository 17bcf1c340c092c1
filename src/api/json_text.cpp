#include "api/json_text.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/error.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/json_reader.h"
#include "base/result.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// Deeper nesting serves nobody, and costs stack wherever it is walked.
constexpr std::size_t max_depth = 32;

// More than any request has, a thousand messages with their metas among them; 10 MiB of smallest
// lists would be five million values, and 250 MB of memory.
constexpr std::size_t max_values = 250'000;

std::string syntax_problem(const json::error_code& error) {
  if (error == json::error::incomplete) return "unexpected end";
  if (error == json::error::extra_data) return "extra data";
  if (error == json::error::too_deep) return fmt::format("nested deeper than {}", max_depth);
  if (error == json::error::syntax) return "unexpected character";
  if (error == json::error::exponent_overflow) return "a number out of range";
  return error.message();
}

std::unexpected<Error> not_json(const json::error_code& error, std::size_t at) {
  if (error == json::error::array_too_large) {
    return fail(ErrorCode::invalid,
                fmt::format("the body has more than {} JSON values", max_values),
                "send it in several requests");
  }
  return fail(ErrorCode::invalid,
              fmt::format("the body is not valid JSON: {} at byte {}", syntax_problem(error), at));
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

void append_escape(std::string& out, std::uint32_t unit) { out += fmt::format("\\u{:04x}", unit); }

void append_escaped(std::string& out, std::uint32_t code_point) {
  if (code_point < 0x10000) {
    append_escape(out, code_point);
    return;
  }
  append_escape(out, 0xD800 + ((code_point - 0x10000) >> 10));
  append_escape(out, 0xDC00 + ((code_point - 0x10000) & 0x3FF));
}

constexpr std::uint32_t replacement = 0xFFFD;

struct Decoded {
  std::uint32_t code_point;
  std::size_t length;
};

// The code point that starts `text`, which is not empty.
Decoded decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {replacement, 1};
  std::uint32_t code_point = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return {replacement, 1};
    code_point = code_point << 6 | (next & 0x3FU);
  }
  const bool overlong =
      (length == 3 && code_point < 0x800) || (length == 4 && code_point < 0x10000);
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (overlong || surrogate || code_point > 0x10FFFF) return {replacement, 1};
  return {code_point, length};
}

}  // namespace

Result<json::object> parse_body(std::string_view text) {
  if (is_blank(text)) return json::object{};
  JsonReading reading = read_json(text, max_depth, max_values);
  if (reading.error) return not_json(reading.error, reading.read);
  json::value& value = reading.value;
  if (!value.is_object()) return fail(ErrorCode::invalid, "the body must be a JSON object");
  return std::move(value.get_object());
}

std::string to_ascii(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    if (static_cast<unsigned char>(text.front()) < 0x80) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const Decoded decoded = decode(text);
    append_escaped(out, decoded.code_point);
    text.remove_prefix(decoded.length);
  }
  return out;
}

}  // namespace bellpull
