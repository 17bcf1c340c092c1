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

json::object text_of(const FieldShape& shape) {
  json::object schema = text_schema();
  // A character is a byte at least.
  const auto longest = shape.max_characters > 0 ? shape.max_characters : shape.max_bytes;
  if (longest > 0) schema["maxLength"] = longest;
  return schema;
}

json::object choice_of(const FieldShape& shape) {
  json::object schema = text_schema();
  json::array choices;
  for (const std::string_view choice : shape.choices) choices.emplace_back(choice);
  schema["enum"] = std::move(choices);
  return schema;
}

json::object value_schema(const FieldShape& shape) {
  switch (shape.kind) {
    case ValueKind::id:
      return text_schema();
    case ValueKind::text:
    case ValueKind::reference:
      return text_of(shape);
    case ValueKind::boolean:
      return boolean_schema();
    case ValueKind::integer:
      return {{"type", "integer"}, {"minimum", shape.minimum}, {"maximum", shape.maximum}};
    case ValueKind::number:
      return {{"type", "number"}, {"minimum", shape.minimum}};
    case ValueKind::timestamp:
      return time_schema();
    case ValueKind::choice:
      return choice_of(shape);
    case ValueKind::object:
      return {{"type", "object"}};
    case ValueKind::list:
      return {{"type", "array"}};
  }
  return {};
}

}  // namespace

json::object taken_schema(const FieldShape& shape, Needed needs) {
  json::object schema = value_schema(shape);
  if (needs != Needed::no) return schema;
  return or_null(std::move(schema));
}

json::object given_schema(const FieldShape& shape) {
  json::object schema = value_schema(shape);
  return shape.nullable ? or_null(std::move(schema)) : schema;
}

}  // namespace bellpull
