#include "action/yaml_field.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <yaml-cpp/node/convert.h>
#include <yaml-cpp/node/node.h>
#include <yaml-cpp/yaml.h>  // IWYU pragma: keep

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "action/placeholder.h"
#include "base/result.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr int max_schema_depth = 8;

std::unexpected<Error> bad(const YAML::Node& node, std::string_view what) {
  return fail(ErrorCode::invalid,
              fmt::format("Line {} of the instruction {}", node.Mark().line + 1, what));
}

std::optional<FieldType> type_of(std::string_view name) {
  if (name == "string") return FieldType::text;
  if (name == "number") return FieldType::number;
  if (name == "boolean") return FieldType::boolean;
  if (name == "array") return FieldType::list;
  if (name == "object") return FieldType::object;
  return std::nullopt;
}

std::string text_at(const YAML::Node& node, const char* key) {
  const YAML::Node value = node[key];
  return value && value.IsScalar() ? value.Scalar() : std::string{};
}

std::string_view schema_type(FieldType type) {
  switch (type) {
    case FieldType::number:
      return "number";
    case FieldType::boolean:
      return "boolean";
    case FieldType::list:
      return "array";
    case FieldType::object:
      return "object";
    case FieldType::text:
      break;
  }
  return "string";
}

bool take(std::size_t& left) {
  if (left == 0) return false;
  --left;
  return true;
}

Result<void> read_choices(const YAML::Node& node, json::object& schema, std::size_t& values_left) {
  const YAML::Node choices = node["enum"];
  if (!choices || !choices.IsSequence()) return {};
  json::array& list = schema["enum"].emplace_array();
  for (const YAML::Node& choice : choices) {
    if (!take(values_left)) return bad(choice, "makes it too large");
    list.emplace_back(choice.Scalar());
  }
  return {};
}

// What an element or a property may be, as JSON Schema.
Result<json::object> nested_schema(const YAML::Node& node, int depth, std::size_t& values_left) {
  if (!take(values_left)) return bad(node, "makes it too large");
  std::string tag = field_tag(node);
  if (tag.ends_with('?')) tag.pop_back();
  const auto type = type_of(tag);
  if (!type || depth > max_schema_depth) return bad(node, "declares a nested field of no type");
  json::object schema{{"type", schema_type(*type)}};
  if (!node.IsMap()) return schema;
  if (const auto description = text_at(node, "description"); !description.empty()) {
    schema["description"] = description;
  }
  if (auto read = read_choices(node, schema, values_left); !read) {
    return std::unexpected(std::move(read.error()));
  }
  if (const YAML::Node items = node["items"]) {
    auto read = nested_schema(items, depth + 1, values_left);
    if (!read) return read;
    schema["items"] = std::move(*read);
  }
  if (const YAML::Node properties = node["properties"]; properties && properties.IsMap()) {
    json::object& all = schema["properties"].emplace_object();
    for (const auto& property : properties) {
      auto read = nested_schema(property.second, depth + 1, values_left);
      if (!read) return read;
      all[property.first.Scalar()] = std::move(*read);
    }
  }
  return schema;
}

Result<void> read_limits(const YAML::Node& node, Placeholder& field) {
  for (const auto& [key, limit] : {std::pair{"min", &field.least}, {"max", &field.most}}) {
    const YAML::Node value = node[key];
    if (!value) continue;
    double number = 0;
    if (!YAML::convert<double>::decode(value, number) || !std::isfinite(number)) {
      return bad(value, "has a limit that is no number");
    }
    *limit = number;
  }
  return {};
}

Result<Placeholder> declaration(const YAML::Node& node, Placeholder field,
                                std::size_t& values_left) {
  field.name = text_at(node, "name");
  if (field.name.empty()) return bad(node, "declares a field without a name");
  field.description = text_at(node, "description");
  const std::string optional = text_at(node, "optional");
  if (!optional.empty()) field.required = optional != "true";
  if (const YAML::Node value = node["default"]; value && value.IsScalar()) {
    field.default_text = value.Scalar();
  }
  if (const YAML::Node choices = node["enum"]; choices && choices.IsSequence()) {
    for (const YAML::Node& choice : choices) field.choices.push_back(choice.Scalar());
  }
  if (auto read = read_limits(node, field); !read) return std::unexpected(read.error());
  if (field.type == FieldType::list || field.type == FieldType::object) {
    auto schema = nested_schema(node, 0, values_left);
    if (!schema) return std::unexpected(std::move(schema.error()));
    field.schema = std::move(*schema);
  }
  if (node["transform"]) return bad(node, "uses transform, which this server does not have");
  return field;
}

}  // namespace

std::string field_tag(const YAML::Node& node) {
  const std::string& tag = node.Tag();
  if (tag.size() < 2 || tag.front() != '!') return {};
  return tag.substr(1);
}

std::string root_tag(const YAML::Node& node) {
  std::string tag = field_tag(node);
  std::ranges::replace(tag, '.', '/');
  return tag;
}

Result<Placeholder> read_yaml_field(const YAML::Node& node, const std::string& tag,
                                    std::size_t& values_left) {
  if (tag == "reference") {
    if (!node.IsScalar()) return bad(node, "has a !reference without a name");
    Placeholder field{.name = node.Scalar(), .server_side = true};
    if (!is_server_name(field.name))
      return bad(node, "refers to a name that is none of the server's");
    return field;
  }
  const bool is_optional = tag.ends_with('?');
  const auto type = type_of(is_optional ? tag.substr(0, tag.size() - 1) : tag);
  if (!type) return bad(node, fmt::format("has the unknown tag !{}", tag));
  if (!node.IsMap()) return bad(node, fmt::format("has a !{} that declares nothing", tag));
  return declaration(node, Placeholder{.required = !is_optional, .type = *type}, values_left);
}

}  // namespace bellpull
