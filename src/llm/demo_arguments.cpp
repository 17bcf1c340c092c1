#include "llm/demo_arguments.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
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
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "llm/demo_event.h"
#include "llm/provider.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// A parameter of such a name takes the whole body.
constexpr auto names_of_the_body = std::to_array<std::string_view>(
    {"body", "content", "data", "event", "input", "message", "payload", "text"});

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || is_upper(c) || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}
char lower(char c) { return is_upper(c) ? static_cast<char>(c + 32) : c; }

// Letters and digits only, so that order_id, orderId and order.id are one.
std::string plain(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (is_word(c)) result += lower(c);
  }
  return result;
}

// "orderId" and "order_id" as order, id.
std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool word = is_word(text[i]);
    const bool hump = word && is_upper(text[i]) && i > 0 && !is_upper(text[i - 1]);
    if (word && (!inside || hump)) found.emplace_back();
    if (word) found.back() += lower(text[i]);
    inside = word;
  }
  return found;
}

std::string as_text(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_double()) return fmt::format("{}", value.get_double());
  return json::serialize(value);
}

std::optional<json::value> as_number(const json::value& value, bool whole) {
  if (value.is_int64() || value.is_uint64() || (value.is_double() && !whole)) return value;
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = value.get_string();
  std::int64_t integer = 0;
  if (const auto read = std::from_chars(text.data(), text.data() + text.size(), integer);
      read.ec == std::errc{} && read.ptr == text.data() + text.size()) {
    return json::value(integer);
  }
  double real = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), real);
  if (whole || read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return std::isfinite(real) ? std::optional(json::value(real)) : std::nullopt;
}

std::string_view text_member(const json::object& object, std::string_view name) {
  const auto* const member = object.if_contains(name);
  return member != nullptr && member->is_string() ? std::string_view(member->get_string()) : "";
}

// The value as the schema has it; nothing when it is of another type or not among the choices.
std::optional<json::value> fitting(const json::value& value, const json::object& schema) {
  if (value.is_null()) return std::nullopt;
  std::optional<json::value> result;
  const std::string_view type = text_member(schema, "type");
  if (type == "number" || type == "integer") {
    result = as_number(value, type == "integer");
  } else if (type == "boolean") {
    const std::string text = as_text(value);
    if (text == "true" || text == "false") result = json::value(text == "true");
  } else if (type == "string") {
    if (!value.is_structured()) result = json::value(as_text(value));
  } else if ((type != "object" || value.is_object()) && (type != "array" || value.is_array())) {
    result = value;
  }
  const auto* const choices = schema.if_contains("enum");
  if (result && choices != nullptr && choices->is_array()) {
    const json::array& list = choices->get_array();
    if (std::find(list.begin(), list.end(), *result) == list.end()) return std::nullopt;
  }
  return result;
}

std::optional<json::value> by_name(const std::vector<DemoField>& fields, std::string_view name,
                                   const json::object& schema) {
  const std::string wanted = plain(name);
  for (const DemoField& field : fields) {
    if (plain(field.path) != wanted) continue;
    if (auto value = fitting(*field.value, schema)) return value;
  }
  for (const DemoField& field : fields) {
    if (plain(field.leaf()) != wanted) continue;
    if (auto value = fitting(*field.value, schema)) return value;
  }
  return std::nullopt;
}

// The field most of whose words the description names; all of them must be there.
std::optional<json::value> by_description(const std::vector<DemoField>& fields,
                                          const json::object& schema) {
  const auto description = words(text_member(schema, "description"));
  std::optional<json::value> best;
  std::size_t most = 0;
  for (const DemoField& field : fields) {
    const auto named = words(field.leaf());
    const bool all = std::ranges::all_of(named, [&](const std::string& word) {
      return std::ranges::find(description, word) != description.end();
    });
    if (!all || named.size() <= most) continue;
    if (auto value = fitting(*field.value, schema)) {
      best = std::move(value);
      most = named.size();
    }
  }
  return best;
}

std::optional<json::value> value_for(const DemoEvent& event, std::string_view name,
                                     const json::object& schema, bool required) {
  if (auto value = by_name(event.fields(), name, schema)) return value;
  if (auto value = by_name(event.surroundings(), name, schema)) return value;
  if (!required) return std::nullopt;
  if (auto value = by_description(event.fields(), schema)) return value;
  if (auto value = by_description(event.surroundings(), schema)) return value;
  const bool whole_body =
      std::ranges::find(names_of_the_body, plain(name)) != names_of_the_body.end();
  return whole_body ? fitting(event.text(), schema) : std::nullopt;
}

}  // namespace

std::optional<json::object> arguments_from(const DemoEvent& event, const ToolDefinition& tool) {
  json::object arguments;
  const auto* const properties = tool.parameters.if_contains("properties");
  const auto* const listed = tool.parameters.if_contains("required");
  const json::array required =
      listed != nullptr && listed->is_array() ? listed->get_array() : json::array();
  if (properties != nullptr && properties->is_object()) {
    for (const auto& property : properties->get_object()) {
      const auto* const schema = property.value().if_object();
      const bool needed = std::find(required.begin(), required.end(),
                                    json::value(property.key())) != required.end();
      auto value =
          value_for(event, property.key(), schema == nullptr ? json::object() : *schema, needed);
      if (value) arguments[property.key()] = std::move(*value);
    }
  }
  const bool complete = std::ranges::all_of(required, [&](const json::value& name) {
    return name.is_string() && arguments.contains(name.get_string());
  });
  if (!complete) return std::nullopt;
  return arguments;
}

}  // namespace bellpull
