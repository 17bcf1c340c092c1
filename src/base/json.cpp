#include "base/json.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/json_reader.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// Above everything that is ever wrapped around a value; below what a walk that recurses can bear.
constexpr std::size_t max_stored_depth = 128;

std::optional<json::value> parse(std::string_view text, std::size_t max_depth,
                                 std::size_t max_values) {
  JsonReading reading = read_json(text, max_depth, max_values);
  if (reading.error) return std::nullopt;
  return std::move(reading.value);
}

}  // namespace

std::optional<json::value> parse_foreign(std::string_view text) {
  return parse(text, max_foreign_depth, max_foreign_values);
}

std::optional<json::object> read_stored(std::string_view text) {
  std::optional<json::value> value = parse(text, max_stored_depth, any_number_of_values);
  if (!value || !value->is_object()) return std::nullopt;
  return std::move(value->get_object());
}

json::object parse_stored(std::string_view text) {
  return read_stored(text).value_or(json::object{});
}

}  // namespace bellpull
