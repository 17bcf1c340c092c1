#include "action/input_fields.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>
#include <fmt/format.h>

#include "base/text.h"
namespace bellpull {

namespace json = boost::json;

namespace {

std::optional<std::string> as_text(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_double()) return fmt::format("{}", value.get_double());
  if (value.is_structured()) return std::nullopt;
  return json::serialize(value);
}

}  // namespace

const json::value* InputFields::find(std::string_view name) const {
  const json::value* const value = input_.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string InputFields::text(std::string_view name) {
  const json::value* const value = find(name);
  if (value == nullptr) return {};
  auto text = as_text(*value);
  if (!text) add_problem(fmt::format("{} must be text", name));
  return text.value_or("");
}

std::string InputFields::required_text(std::string_view name) {
  const std::size_t before = problems_.size();
  std::string value = text(name);
  if (problems_.size() == before && trim(value).empty()) {
    add_problem(fmt::format("{} is required", name));
  }
  return value;
}

std::optional<std::int64_t> InputFields::whole(std::string_view name, std::int64_t least,
                                               std::int64_t most) {
  const json::value* const value = find(name);
  if (value == nullptr) return std::nullopt;
  std::optional<std::int64_t> number;
  if (value->is_int64()) number = value->get_int64();
  if (const auto* text = value->if_string()) {
    std::int64_t read = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), read);
    if (error == std::errc{} && end == text->data() + text->size()) number = read;
  }
  if (!number || *number < least || *number > most) {
    add_problem(fmt::format("{} must be a whole number from {} to {}", name, least, most));
    return std::nullopt;
  }
  return number;
}

bool InputFields::flag(std::string_view name) {
  const json::value* const value = find(name);
  if (value == nullptr) return false;
  if (value->is_bool()) return value->get_bool();
  if (*value == json::value("true")) return true;
  if (*value != json::value("false")) add_problem(fmt::format("{} must be true or false", name));
  return false;
}

std::vector<std::string> InputFields::texts(std::string_view name) {
  std::vector<std::string> result;
  const json::value* const value = find(name);
  if (value == nullptr) return result;
  if (const auto* list = value->if_array()) {
    for (const json::value& element : *list) {
      auto text = as_text(element);
      if (!text) add_problem(fmt::format("{} must be a list of texts", name));
      if (text) result.push_back(std::move(*text));
    }
    return result;
  }
  const std::string whole = text(name);
  for (std::string_view rest = whole; !rest.empty();) {
    const std::size_t comma = rest.find(',');
    if (const auto one = trim(rest.substr(0, comma)); !one.empty()) result.emplace_back(one);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  return result;
}

void InputFields::add_problem(std::string problem) { problems_.push_back(std::move(problem)); }

std::string InputFields::problems() const { return fmt::format("{}", fmt::join(problems_, "; ")); }

}  // namespace bellpull
