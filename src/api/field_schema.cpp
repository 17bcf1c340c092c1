#include "api/field_schema.h"

#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/field.h"
#include "api/field_value.h"
#include "api/schema.h"

namespace bellpull {

namespace json = boost::json;

namespace {

json::object taken_text(const FieldShape& shape) {
  json::object schema = text_schema();
  // A character is a byte at least.
  const auto longest = shape.max_characters > 0 ? shape.max_characters : shape.max_bytes;
  if (longest > 0) schema["maxLength"] = longest;
  if (shape.max_bytes > 0) schema["x-max-bytes"] = shape.max_bytes;
  if (!shape.pattern.empty()) schema["pattern"] = shape.pattern;
  return schema;
}

json::object choice_of(const FieldShape& shape) {
  return shape.choices.empty() ? text_schema() : choice_schema(shape.choices);
}

// The server's own keys are refused, and `$update` stands alone.
json::object meta_change() {
  const json::object members{{"type", "object"},
                             {"propertyNames", json::object{{"pattern", "^(?!_)"}}}};
  json::object schema = members;
  schema["properties"] = json::object{{"$update", members}};
  schema["additionalProperties"] = true;
  schema["dependentSchemas"] = json::object{{"$update", json::object{{"maxProperties", 1}}}};
  return schema;
}

json::object taken_value(const FieldShape& shape) {
  switch (shape.kind) {
    case ValueKind::id:
      return text_schema();
    case ValueKind::text:
    case ValueKind::reference:
      return taken_text(shape);
    case ValueKind::boolean:
      return boolean_schema();
    case ValueKind::integer:
      return {{"type", "integer"}, {"minimum", shape.minimum}, {"maximum", shape.maximum}};
    case ValueKind::number:
      return {{"type", "number"}, {"minimum", shape.minimum}};
    case ValueKind::timestamp:
      return given_time_schema();
    case ValueKind::choice:
      return choice_of(shape);
    case ValueKind::object:
      return open_object_schema();
    case ValueKind::meta:
      return meta_change();
    case ValueKind::list:
      return array_schema({});
  }
  return {};
}

// Limits are for those who write.
json::object given_value(const FieldShape& shape) {
  switch (shape.kind) {
    case ValueKind::id:
    case ValueKind::text:
    case ValueKind::reference:
      return text_schema();
    case ValueKind::boolean:
      return boolean_schema();
    case ValueKind::integer:
      return whole_number_schema();
    case ValueKind::number:
      return {{"type", "number"}};
    case ValueKind::timestamp:
      return time_schema();
    case ValueKind::choice:
      return choice_of(shape);
    case ValueKind::object:
    case ValueKind::meta:
      return open_object_schema();
    case ValueKind::list:
      return array_schema({});
  }
  return {};
}

bool is_text(const FieldShape& shape) {
  return shape.kind == ValueKind::text || shape.kind == ValueKind::reference;
}

}  // namespace

json::object taken_schema(const FieldShape& shape, const json::object& instead, Needed needs) {
  json::object schema = instead.empty() ? taken_value(shape) : instead;
  if (needs == Needed::filled && is_text(shape)) schema["pattern"] = "\\S";
  if (needs == Needed::no) schema = or_null(std::move(schema));
  return described(std::move(schema), shape.about);
}

json::object given_schema(const FieldShape& shape, const json::object& instead) {
  json::object schema = instead.empty() ? given_value(shape) : instead;
  if (shape.nullable) schema = or_null(std::move(schema));
  return described(std::move(schema), shape.about);
}

json::object one_of_required(std::string_view first, std::string_view second) {
  json::array ways;
  for (const std::string_view name : {first, second}) {
    ways.emplace_back(json::object{{"required", json::array{name}}});
  }
  return {{"anyOf", std::move(ways)}};
}

}  // namespace bellpull
