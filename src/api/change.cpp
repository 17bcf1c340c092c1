#include "api/change.h"

#include <string>
#include <string_view>

#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "api/field.h"
#include "api/field_value.h"
#include "base/result.h"

namespace bellpull {

void Problems::add(const Error& error) {
  if (messages_.empty()) code_ = error.code;
  if (!messages_.empty()) messages_ += "; ";
  messages_ += error.message;
  if (error.hint.empty()) return;
  if (!hints_.empty()) hints_ += "; ";
  hints_ += error.hint;
}

bool is_missing(Needed needs, const boost::json::value* given) {
  if (needs == Needed::no) return false;
  if (given == nullptr || given->is_null()) return true;
  return needs == Needed::filled && given->is_string() && trimmed(given->get_string()).empty();
}

Error names_differ(std::string_view name, std::string_view second_name) {
  return {ErrorCode::invalid,
          fmt::format("{} and {} are two names of one value, but differ", name, second_name),
          "send one of them"};
}

Error called(std::string_view used, std::string_view name, Error error) {
  // What the value's own grammar says of it stays as it is.
  const bool is_rule = error.message.starts_with(std::string{name} + " must ");
  if (is_rule) error.message.replace(0, name.size(), used);
  return error;
}

}  // namespace bellpull
