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
// allowed where nothing is needed. `instead` is the field's own schema, if it has one.
boost::json::object taken_schema(const FieldShape& shape, const boost::json::object& instead,
                                 Needed needs);
// Of a value that is shown.
boost::json::object given_schema(const FieldShape& shape, const boost::json::object& instead);
// Of an object that has one of two names of a value.
boost::json::object one_of_required(std::string_view first, std::string_view second);

// The body of a create or update. Open, because unknown keys are ignored.
template <class Resource>
Schema body_schema(std::string name, const Fields<Resource>& fields, Verb verb) {
  boost::json::object properties;
  boost::json::array required;
  boost::json::array ways;
  bool refers = false;
  for (const Field<Resource>& field : fields) {
    if (!field.read || !(verb == Verb::create ? field.on_create : field.on_update)) continue;
    const Needed needs = verb == Verb::create ? field.needs : Needed::no;
    const bool has_second = !field.second_name.empty();
    // What is needed may be null under one name when it stands under the other.
    properties[field.name] =
        taken_schema(field.shape, field.taken_as, has_second ? Needed::no : needs);
    if (has_second) properties[field.second_name] = properties[field.name];
    if (needs != Needed::no && has_second) {
      ways.emplace_back(one_of_required(field.name, field.second_name));
    } else if (needs != Needed::no) {
      required.emplace_back(field.name);
    }
    refers = refers || field.shape.kind == ValueKind::reference;
  }
  boost::json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  if (!ways.empty()) schema["allOf"] = std::move(ways);
  return {std::move(name), std::move(schema), refers};
}

// What is shown of a resource: all of it, always.
template <class Resource>
Schema reply_schema(std::string name, const Fields<Resource>& fields) {
  boost::json::object properties;
  boost::json::array required;
  const auto add = [&](std::string_view shown, const Field<Resource>& field) {
    properties[shown] = given_schema(field.shape, field.given_as);
    required.emplace_back(shown);
  };
  for (const Field<Resource>& field : fields) {
    if (!field.write) continue;
    add(field.name, field);
    if (!field.second_name.empty()) add(field.second_name, field);
  }
  return {std::move(name),
          {{"type", "object"},
           {"properties", std::move(properties)},
           {"required", std::move(required)},
           {"additionalProperties", false}}};
}

}  // namespace bellpull
