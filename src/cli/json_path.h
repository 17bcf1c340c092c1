// Reading and showing JSON that came from the server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/time.h"

namespace bellpull::cli {

// The value at "a.b", or nullptr; null counts as absent.
const boost::json::value* find_path(const boost::json::object& object, std::string_view path);
// "" when there is none; what is not a text is given as JSON.
std::string text_at(const boost::json::object& object, std::string_view path);
std::optional<std::int64_t> number_at(const boost::json::object& object, std::string_view path);
std::optional<TimePoint> time_at(const boost::json::object& object, std::string_view path);
// An empty one when there is none.
boost::json::object object_at(const boost::json::object& object, std::string_view path);
boost::json::array array_at(const boost::json::object& object, std::string_view path);

// Only these paths of the object, each under its whole path; null where there is none.
boost::json::object only(const boost::json::object& object, const std::vector<std::string>& paths);

// Indented, for people. Every form is ASCII but for valid UTF-8 inside texts.
std::string indented(const boost::json::value& value);

}  // namespace bellpull::cli
