#include "database/postgres_value.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <postgres_ext.h>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/json/kind.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// Of pg_type, where the built-in types never change.
enum class Type : Oid {
  boolean = 16,
  bytea = 17,
  int8 = 20,
  int2 = 21,
  int4 = 23,
  oid = 26,
  json = 114,
  float4 = 700,
  float8 = 701,
  jsonb = 3802
};

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number = 0;
  const char* const first = text.data();
  const char* const last = first + text.size();
  const auto [end, problem] = std::from_chars(first, last, number);
  if (problem != std::errc{} || end != last) return std::nullopt;
  return number;
}

// "\x68656c6c6f"; the session's bytea_output is set to this form.
json::value bytes_value(std::string_view text) {
  if (text.starts_with("\\x")) {
    if (const auto bytes = from_hex(text.substr(2))) {
      const std::string_view view{reinterpret_cast<const char*>(bytes->data()), bytes->size()};
      return json::value(to_base64(view));
    }
  }
  return json::value(valid_text(text));
}

// 3.0 as "3": the server may want a whole number there.
std::string double_text(double number) {
  constexpr double exact_below = 9'007'199'254'740'992.0;  // 2^53
  if (std::trunc(number) == number && std::abs(number) < exact_below) {
    return std::to_string(static_cast<std::int64_t>(number));
  }
  return fmt::format("{}", number);
}

}  // namespace

std::optional<std::string> parameter_text(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return std::nullopt;
    case json::kind::string:
      return std::string{value.get_string()};
    case json::kind::double_:
      return double_text(value.get_double());
    default:
      return json::serialize(value);
  }
}

json::value cell_value(Oid type, std::string_view text) {
  switch (static_cast<Type>(type)) {
    case Type::boolean:
      return text == "t";
    case Type::int2:
    case Type::int4:
    case Type::int8:
    case Type::oid:
      if (const auto number = number_of<std::int64_t>(text)) return *number;
      break;
    case Type::float4:
    case Type::float8:
      if (const auto number = number_of<double>(text); number && std::isfinite(*number)) {
        return *number;
      }
      break;
    case Type::json:
    case Type::jsonb:
      if (auto parsed = parse_foreign(text)) return std::move(*parsed);
      break;
    case Type::bytea:
      return bytes_value(text);
  }
  return json::value(valid_text(text));
}

}  // namespace bellpull
