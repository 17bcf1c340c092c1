#include "action/call_input.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "action/yaml_value.h"
#include "base/json.h"
#include "base/result.h"
#include "base/text.h"

namespace bellpull {

namespace json = boost::json;

namespace {

const json::object& properties_of(const json::object& parameters) {
  static const json::object none;
  const json::value* const found = parameters.if_contains("properties");
  return found != nullptr && found->is_object() ? found->get_object() : none;
}

std::vector<std::string> required_of(const json::object& parameters) {
  std::vector<std::string> names;
  const json::value* const found = parameters.if_contains("required");
  if (found == nullptr || !found->is_array()) return names;
  for (const json::value& name : found->get_array()) {
    if (name.is_string()) names.emplace_back(name.get_string());
  }
  return names;
}

// A map of none of the parameters is prose that happens to have a colon.
bool names_parameter(const json::object& given, const json::object& properties) {
  return std::ranges::any_of(given,
                             [&](const auto& member) { return properties.contains(member.key()); });
}

std::optional<json::object> as_arguments(std::string_view text, const json::object& properties) {
  if (auto read = parse_foreign(text)) {
    if (read->is_object()) return std::move(read->get_object());
    return std::nullopt;
  }
  auto read = read_yaml_value(text);
  if (!read || !read->is_object() || !names_parameter(read->get_object(), properties)) {
    return std::nullopt;
  }
  return std::move(read->get_object());
}

// The parameter that a text without a name is the value of.
std::optional<std::string> only_parameter(const json::object& parameters) {
  const json::object& properties = properties_of(parameters);
  if (properties.size() == 1) return std::string{properties.begin()->key()};
  std::vector<std::string> required = required_of(parameters);
  if (required.size() != 1) return std::nullopt;
  return std::move(required.front());
}

json::value example_of(const json::value& schema) {
  const auto* const object = schema.if_object();
  if (object == nullptr) return "text";
  if (const auto* known = object->if_contains("default")) return *known;
  if (const auto* known = object->if_contains("enum"); known != nullptr && known->is_array()) {
    if (!known->get_array().empty()) return known->get_array().front();
  }
  const auto* const type = object->if_contains("type");
  if (type == nullptr || *type == json::value("string")) return "text";
  if (*type == json::value("boolean")) return true;
  if (*type == json::value("array")) return json::array{};
  if (*type == json::value("object")) return json::object{};
  const auto* const least = object->if_contains("minimum");
  return least != nullptr ? *least : json::value(1);
}

std::string example(const json::object& parameters) {
  const std::vector<std::string> required = required_of(parameters);
  json::object arguments;
  for (const auto& [name, schema] : properties_of(parameters)) {
    const bool shown = required.empty() || std::ranges::find(required, name) != required.end();
    if (shown) arguments[name] = example_of(schema);
  }
  return json::serialize(arguments);
}

}  // namespace

Result<json::object> read_call_input(std::string_view text, const json::object& parameters) {
  text = trim(text);
  if (text.empty()) return json::object{};
  const json::object& properties = properties_of(parameters);
  if (auto arguments = as_arguments(text, properties)) return std::move(*arguments);
  if (properties.empty()) return json::object{};
  if (auto name = only_parameter(parameters)) {
    json::object arguments;
    arguments[*name] = text;
    return arguments;
  }
  return fail(
      ErrorCode::invalid,
      fmt::format("A text cannot be shared out among several parameters: give the arguments "
                  "as JSON or YAML, for example {}. Parameters: {}",
                  example(parameters), json::serialize(parameters)));
}

}  // namespace bellpull
