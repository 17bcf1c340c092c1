#include "base/json_reader.h"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/parse_options.hpp>
#include <boost/json/string_view.hpp>
#include <boost/json/value_stack.hpp>
#include <boost/system/error_code.hpp>

namespace bellpull {

namespace json = boost::json;

namespace {

// As basic_parser wants it: Boost's own but for on_double(). A value's bytes may come in parts.
struct ValueBuilder {
  using Text = json::string_view;
  using Failure = boost::system::error_code;

  // NOLINTBEGIN(readability-identifier-naming): the names and limits that basic_parser looks for
  static constexpr std::size_t max_object_size = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::size_t max_array_size = max_object_size;
  static constexpr std::size_t max_key_size = max_object_size;
  static constexpr std::size_t max_string_size = max_object_size;
  // NOLINTEND(readability-identifier-naming)

  // Whether there may be one value more.
  bool counts(Failure& failure) {
    if (values < max_values) {
      ++values;
      return true;
    }
    failure = json::error::array_too_large;
    return false;
  }

  bool on_document_begin(Failure& /*failure*/) { return true; }
  bool on_document_end(Failure& /*failure*/) { return true; }
  bool on_object_begin(Failure& failure) { return counts(failure); }
  bool on_object_end(std::size_t count, Failure& /*failure*/) {
    stack.push_object(count);
    return true;
  }
  bool on_array_begin(Failure& failure) { return counts(failure); }
  bool on_array_end(std::size_t count, Failure& /*failure*/) {
    stack.push_array(count);
    return true;
  }
  bool on_key_part(Text part, std::size_t /*size*/, Failure& /*failure*/) {
    stack.push_chars(part);
    return true;
  }
  bool on_key(Text part, std::size_t /*size*/, Failure& /*failure*/) {
    stack.push_key(part);
    return true;
  }
  bool on_string_part(Text part, std::size_t /*size*/, Failure& /*failure*/) {
    stack.push_chars(part);
    return true;
  }
  bool on_string(Text part, std::size_t /*size*/, Failure& failure) {
    stack.push_string(part);
    return counts(failure);
  }
  bool on_number_part(Text part, Failure& /*failure*/) {
    number.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t value, Text /*part*/, Failure& failure) {
    number.clear();
    stack.push_int64(value);
    return counts(failure);
  }
  bool on_uint64(std::uint64_t value, Text /*part*/, Failure& failure) {
    number.clear();
    stack.push_uint64(value);
    return counts(failure);
  }
  bool on_double(double near, Text part, Failure& failure) {
    number.append(part.data(), part.size());
    double nearest = near;
    const auto [end, problem] =
        std::from_chars(number.data(), number.data() + number.size(), nearest);
    // Below the range it is Boost's zero; above it no double is near, and infinity is no JSON.
    if (problem != std::errc{}) nearest = near;
    number.clear();
    if (!std::isfinite(nearest)) {
      failure = json::error::exponent_overflow;
      return false;
    }
    stack.push_double(nearest);
    return counts(failure);
  }
  bool on_bool(bool value, Failure& failure) {
    stack.push_bool(value);
    return counts(failure);
  }
  bool on_null(Failure& failure) {
    stack.push_null();
    return counts(failure);
  }
  bool on_comment_part(Text /*part*/, Failure& /*failure*/) { return true; }
  bool on_comment(Text /*part*/, Failure& /*failure*/) { return true; }

  json::value_stack stack;
  std::string number;
  std::size_t values = 0;
  std::size_t max_values = any_number_of_values;
};

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

JsonReading read_json(std::string_view text, std::size_t max_depth, std::size_t max_values) {
  json::parse_options options;
  options.max_depth = max_depth;
  json::basic_parser<ValueBuilder> parser{options};
  parser.handler().stack.reset();
  parser.handler().max_values = max_values;
  JsonReading reading;
  reading.read = parser.write_some(false, text.data(), text.size(), reading.error);
  if (!reading.error && !is_blank(text.substr(reading.read))) {
    reading.error = json::error::extra_data;
  }
  if (!reading.error) reading.value = parser.handler().stack.release();
  return reading;
}

}  // namespace bellpull
