// JSON Schemas (draft 2020-12, the dialect of OpenAPI 3.1) of what endpoints take and give. Those
// of resources are made from their field tables (field_schema.h).
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>

namespace bellpull {

// A schema, under the name that the API's description knows it by; without one it is written out
// where it is used.
struct Schema {
  std::string name;
  boost::json::object schema;
  bool refers = false;  // to other resources, which may not be there

  bool empty() const { return schema.empty(); }
};

// An object with these members, all of which are always there, and no others.
using Member = std::pair<std::string_view, boost::json::object>;
boost::json::object object_schema(std::initializer_list<Member> members);
// More members of that kind, those of another object.
void add_members(boost::json::object& schema, const boost::json::object& others);
boost::json::object array_schema(boost::json::object item);
boost::json::object text_schema();
boost::json::object choice_schema(std::span<const std::string_view> choices);
boost::json::object whole_number_schema();
boost::json::object boolean_schema();
// An instant as a reply has it: text or ms, as the caller reads them (api-contract.md 1.9).
boost::json::object time_schema();
// An instant as a body or a query may have it, in either form.
boost::json::object given_time_schema();
// Any object.
boost::json::object open_object_schema();
// The one that some endpoint takes or gives under this name.
boost::json::object named_schema(std::string_view name);
// The same value, or null.
boost::json::object or_null(boost::json::object schema);
// One of several kinds of value.
boost::json::object either_schema(std::initializer_list<boost::json::object> schemas);
// The same, with what it means.
boost::json::object described(boost::json::object schema, std::string_view about);

// `{"id": ...}`, the answer of most writes.
Schema id_schema();

}  // namespace bellpull
