#include "agent/arguments.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/kind.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/json.h"
#include "base/json_reader.h"
#include "base/result.h"

namespace bellpull {

namespace json = boost::json;

Result<json::object> read_arguments(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  if (last == std::string_view::npos) return json::object{};
  text = text.substr(0, last + 1);
  JsonReading reading = read_json(text, max_foreign_depth);
  if (reading.error) {
    return fail(ErrorCode::invalid, "the arguments are not valid JSON: " + reading.error.message() +
                                        " at byte " + std::to_string(reading.read));
  }
  json::value& value = reading.value;
  if (!value.is_object()) {
    return fail(ErrorCode::invalid, "the arguments must be a JSON object, not " +
                                        std::string{json::to_string(value.kind())});
  }
  return std::move(value.get_object());
}

}  // namespace bellpull
