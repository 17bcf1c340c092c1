// The JSON Schemas of a resource, made from the field table that reads and renders it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/change.h"
#include "api/field.h"
#include "api/field_value.h"
#include "api/schema.h"

namespace bellpull {

// Of a value that is given: what a body may have. null means the field's default, so it is always
// allowed where nothing is needed.
boost::json::object taken_schema(const FieldShape& shape, Needed needs);
// Of a value that is shown.
boost::json::object given_schema(const FieldShape& shape);

// The body of a create or update.
template <class Resource>
Schema body_schema(std::string name, const Fields<Resource>& fields, Verb verb) {
  boost::json::object properties;
  boost::json::array required;
  for (const Field<Resource>& field : fields) {
    if (!field.read || !(verb == Verb::create ? field.on_create : field.on_update)) continue;
    const Needed needs = verb == Verb::create ? field.needs : Needed::no;
    properties[field.name] = taken_schema(field.shape, needs);
    if (!field.second_name.empty()) {
      properties[field.second_name] = taken_schema(field.shape, needs);
    } else if (needs != Needed::no) {
      required.emplace_back(field.name);
    }
  }
  boost::json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return {std::move(name), std::move(schema)};
}

// What is shown of a resource.
template <class Resource>
Schema reply_schema(std::string name, const Fields<Resource>& fields) {
  boost::json::object properties;
  boost::json::array required;
  const auto add = [&](std::string_view shown, const FieldShape& shape) {
    properties[shown] = given_schema(shape);
    required.emplace_back(shown);
  };
  for (const Field<Resource>& field : fields) {
    if (!field.write) continue;
    add(field.name, field.shape);
    if (!field.second_name.empty()) add(field.second_name, field.shape);
  }
  return {std::move(name),
          {{"type", "object"},
           {"properties", std::move(properties)},
           {"required", std::move(required)}}};
}

}  // namespace bellpull
