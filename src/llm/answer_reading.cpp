#include "llm/answer_reading.h"

#include <algorithm>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/core.h>

#include "llm/provider.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// No answer has as many tokens.
constexpr std::int64_t max_tokens = 1'000'000'000;

}  // namespace

const json::value* member_of(const json::object& object, std::string_view name) {
  const auto* const found = object.if_contains(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

const json::value* member_of(const json::value& value, std::string_view name) {
  const auto* const object = value.if_object();
  return object == nullptr ? nullptr : member_of(*object, name);
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* const found = member_of(object, name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::string text_of(const json::value& value, std::string_view name) {
  const auto* const object = value.if_object();
  return object == nullptr ? std::string() : text_of(*object, name);
}

std::int64_t count_of(const json::value* usage, std::string_view name) {
  const auto* const found = usage == nullptr ? nullptr : member_of(*usage, name);
  if (found == nullptr) return 0;
  if (found->is_uint64()) return max_tokens;
  return found->is_int64() ? std::clamp<std::int64_t>(found->get_int64(), 0, max_tokens) : 0;
}

bool is_json_object(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  return !error && value.is_object();
}

std::unexpected<Failure> bad_answer(std::string_view what) {
  return std::unexpected(Failure{.failure_class = FailureClass::retryable,
                                 .cause = "bad_answer",
                                 .message = fmt::format("The model's server {}", what)});
}

}  // namespace bellpull
