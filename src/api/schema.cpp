#include "api/schema.h"

#include <initializer_list>
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
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

json::object array_schema(json::object item) {
  return {{"type", "array"}, {"items", std::move(item)}};
}

json::object text_schema() { return {{"type", "string"}}; }
json::object whole_number_schema() { return {{"type", "integer"}}; }
json::object boolean_schema() { return {{"type", "boolean"}}; }
json::object time_schema() { return {{"type", json::array{"string", "integer"}}}; }

json::object or_null(json::object schema) {
  json::value& type = schema["type"];
  if (type.is_array()) {
    type.get_array().emplace_back("null");
  } else {
    type = json::array{type, "null"};
  }
  if (json::value* choices = schema.if_contains("enum")) choices->get_array().emplace_back(nullptr);
  return schema;
}

Schema id_schema() { return {"Id", object_schema({{"id", text_schema()}})}; }

}  // namespace bellpull
