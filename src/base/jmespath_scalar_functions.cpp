#include "base/jmespath_scalar_functions.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>
#include <fmt/format.h>

#include "base/jmespath_evaluator.h"
#include "base/jmespath_functions.h"
#include "base/json.h"
#include "base/json_order.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// As JSON without blanks. Boost writes 1.5E0 for 1.5.
void write(const json::value& value, std::string& text) {
  if (value.is_double()) {
    const double number = value.get_double();
    text += std::isfinite(number) ? fmt::format("{}", number) : "null";
  } else if (const auto* array = value.if_array()) {
    text += '[';
    for (const json::value& element : *array) {
      if (&element != array->data()) text += ',';
      write(element, text);
    }
    text += ']';
  } else if (const auto* object = value.if_object()) {
    text += '{';
    for (const auto& member : *object) {
      if (&member != &*object->begin()) text += ',';
      text += json::serialize(member.key()) + ':';
      write(member.value(), text);
    }
    text += '}';
  } else {
    text += json::serialize(value);
  }
}

bool goes_on(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

std::string reversed(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t end = text.size(); end > 0;) {
    std::size_t begin = end - 1;
    while (begin > 0 && goes_on(text[begin])) --begin;
    result += text.substr(begin, end - begin);
    end = begin;
  }
  return result;
}

const json::value& rounded(const JmesCall& call, double (*round)(double)) {
  const json::value& value = call.value(0);
  return value.is_double() ? call.evaluator.keep(number_of(round(value.get_double()))) : value;
}

bool pay_for_text(const JmesCall& call, std::size_t bytes) {
  return call.evaluator.pay(1 + bytes / 32);
}

}  // namespace

const json::value& jmes_abs(const JmesCall& call) {
  const json::value& value = call.value(0);
  if (value.is_double()) return call.evaluator.keep(number_of(std::abs(value.get_double())));
  if (!value.is_int64() || value.get_int64() >= 0) return value;
  const std::int64_t number = value.get_int64();
  // The least one has no counterpart among the signed.
  if (number == std::numeric_limits<std::int64_t>::min()) {
    return call.evaluator.keep(json::value(std::uint64_t{1} << 63U));
  }
  return call.evaluator.keep(json::value(-number));
}

const json::value& jmes_ceil(const JmesCall& call) {
  return rounded(call, [](double number) { return std::ceil(number); });
}

const json::value& jmes_floor(const JmesCall& call) {
  return rounded(call, [](double number) { return std::floor(number); });
}

const json::value& jmes_starts_with(const JmesCall& call) {
  return jmes_bool(call.value(0).get_string().starts_with(call.value(1).get_string()));
}

const json::value& jmes_ends_with(const JmesCall& call) {
  return jmes_bool(call.value(0).get_string().ends_with(call.value(1).get_string()));
}

const json::value& jmes_length(const JmesCall& call) {
  const json::value& value = call.value(0);
  std::size_t length = 0;
  if (const auto* text = value.if_string()) {
    if (!pay_for_text(call, text->size())) return jmes_null();
    length =
        static_cast<std::size_t>(std::ranges::count_if(*text, [](char c) { return !goes_on(c); }));
  } else {
    length = value.is_array() ? value.get_array().size() : value.get_object().size();
  }
  return call.evaluator.keep(json::value(static_cast<std::int64_t>(length)));
}

const json::value& jmes_not_null(const JmesCall& call) {
  const auto found = std::ranges::find_if(
      call.arguments, [](const JmesArgument& one) { return !one.value->is_null(); });
  return found == call.arguments.end() ? jmes_null() : *found->value;
}

const json::value& jmes_reverse(const JmesCall& call) {
  const json::value& value = call.value(0);
  if (const auto* text = value.if_string()) {
    if (!pay_for_text(call, text->size())) return jmes_null();
    return call.evaluator.keep(json::value(reversed(text->subview())));
  }
  json::array result;
  const json::array& list = value.get_array();
  for (std::size_t i = list.size(); i > 0; --i) call.evaluator.add_copy(result, list[i - 1]);
  return call.evaluator.keep(std::move(result));
}

const json::value& jmes_to_number(const JmesCall& call) {
  const json::value& value = call.value(0);
  if (value.is_number()) return value;
  const auto* text = value.if_string();
  constexpr std::size_t longest = 1000;
  if (text == nullptr || text->size() > longest || !pay_for_text(call, text->size()))
    return jmes_null();
  auto number = parse_foreign(text->subview());
  if (!number || !number->is_number()) return jmes_null();
  return call.evaluator.keep(std::move(*number));
}

const json::value& jmes_to_string(const JmesCall& call) {
  const json::value& value = call.value(0);
  if (value.is_string()) return value;
  // A copy in a list costs as much, and refuses when that can't be paid.
  json::array paid;
  call.evaluator.add_copy(paid, value);
  if (call.evaluator.failed()) return jmes_null();
  std::string text;
  write(value, text);
  if (!pay_for_text(call, text.size())) return jmes_null();
  return call.evaluator.keep(json::value(text));
}

const json::value& jmes_type(const JmesCall& call) {
  static const json::value names[] = {"null", "boolean", "number", "string", "array", "object"};
  switch (call.value(0).kind()) {
    case json::kind::null:
      return names[0];
    case json::kind::bool_:
      return names[1];
    case json::kind::string:
      return names[3];
    case json::kind::array:
      return names[4];
    case json::kind::object:
      return names[5];
    default:
      return names[2];
  }
}

}  // namespace bellpull
