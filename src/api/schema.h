// JSON Schemas (draft 2020-12, the dialect of OpenAPI 3.1) of what endpoints take and give. Those
// of resources are made from their field tables (field_schema.h).
#pragma once

#include <initializer_list>
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

  bool empty() const { return schema.empty(); }
};

// An object with these members, all of which are always there.
using Member = std::pair<std::string_view, boost::json::object>;
boost::json::object object_schema(std::initializer_list<Member> members);
boost::json::object array_schema(boost::json::object item);
boost::json::object text_schema();
boost::json::object whole_number_schema();
boost::json::object boolean_schema();
// An instant, in either form (api-contract.md 1.9).
boost::json::object time_schema();
// The same value, or null.
boost::json::object or_null(boost::json::object schema);

// `{"id": ...}`, the answer of most writes.
Schema id_schema();

}  // namespace bellpull
