#include "api/schema.h"

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace bellpull {

namespace json = boost::json;

json::object object_schema(std::initializer_list<Member> members) {
  json::object properties;
  json::array required;
  for (const auto& [name, schema] : members) {
    properties[name] = schema;
    required.emplace_back(name);
  }
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

void add_members(json::object& schema, const json::object& others) {
  for (const auto& [name, member] : others.at("properties").as_object()) {
    schema.at("properties").as_object()[name] = member;
  }
  for (const json::value& name : others.at("required").as_array()) {
    schema.at("required").as_array().push_back(name);
  }
}

json::object array_schema(json::object item) {
  return {{"type", "array"}, {"items", std::move(item)}};
}

json::object text_schema() { return {{"type", "string"}}; }

json::object choice_schema(std::span<const std::string_view> choices) {
  json::array values;
  for (const std::string_view choice : choices) values.emplace_back(choice);
  return {{"type", "string"}, {"enum", std::move(values)}};
}

json::object whole_number_schema() { return {{"type", "integer"}}; }
json::object boolean_schema() { return {{"type", "boolean"}}; }
json::object open_object_schema() { return {{"type", "object"}}; }

json::object time_schema() {
  // The format is that of the text; it says nothing about numbers.
  return {{"type", json::array{"string", "integer"}}, {"format", "date-time"}};
}

json::object given_time_schema() { return {{"type", json::array{"string", "integer"}}}; }

json::object named_schema(std::string_view name) {
  return {{"$ref", "#/components/schemas/" + std::string{name}}};
}

json::object or_null(json::object schema) {
  if (json::value* kinds = schema.if_contains("anyOf")) {
    kinds->get_array().emplace_back(json::object{{"type", "null"}});
    return schema;
  }
  json::value* type = schema.if_contains("type");
  if (type == nullptr) return schema.empty() ? schema : either_schema({schema, {{"type", "null"}}});
  if (type->is_array()) {
    type->get_array().emplace_back("null");
  } else {
    *type = json::array{*type, "null"};
  }
  if (json::value* choices = schema.if_contains("enum")) choices->get_array().emplace_back(nullptr);
  return schema;
}

json::object either_schema(std::initializer_list<json::object> schemas) {
  json::array kinds;
  for (const json::object& schema : schemas) kinds.emplace_back(schema);
  return {{"anyOf", std::move(kinds)}};
}

json::object described(json::object schema, std::string_view about) {
  if (!about.empty()) schema["description"] = about;
  return schema;
}

Schema id_schema() { return {"Id", object_schema({{"id", text_schema()}})}; }

}  // namespace bellpull
