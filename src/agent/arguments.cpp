#include "agent/arguments.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/error.hpp>
#include <boost/json/kind.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse_options.hpp>
#include <boost/json/stream_parser.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include "base/json.h"
#include "base/result.h"

namespace bellpull {

namespace json = boost::json;

Result<json::object> read_arguments(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  if (last == std::string_view::npos) return json::object{};
  text = text.substr(0, last + 1);
  json::parse_options options;
  options.max_depth = max_foreign_depth;
  json::stream_parser parser({}, options);
  boost::system::error_code broken;
  const std::size_t read = parser.write_some(text.data(), text.size(), broken);
  if (!broken && read < text.size()) broken = json::error::extra_data;
  if (!broken) parser.finish(broken);
  if (broken) {
    return fail(ErrorCode::invalid, "the arguments are not valid JSON: " + broken.message() +
                                        " at byte " + std::to_string(read));
  }
  json::value value = parser.release();
  if (!value.is_object()) {
    return fail(ErrorCode::invalid, "the arguments must be a JSON object, not " +
                                        std::string{json::to_string(value.kind())});
  }
  return std::move(value.get_object());
}

}  // namespace bellpull
