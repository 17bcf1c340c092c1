// What the operations of the API's description share: schemas by name, the replies to what fails,
// headers, and how callers say who they are.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "api/routes.h"
#include "api/schema.h"

namespace bellpull {

class Components {
 public:
  Components();

  // Those that an endpoint takes and gives; all are to be there before operations refer to them.
  // Throws std::logic_error when a name is taken by another schema.
  void add_schemas(const Description& description);

  // A reference to a schema that has a name, else the schema itself.
  static boost::json::object use(const Schema& schema);
  // The page of a list of such items.
  static Schema page_of(const Schema& item);
  // {"$ref": "#/components/<kind>/<name>"}
  static boost::json::object reference(std::string_view kind, std::string_view name);
  // The reply to a request that failed so.
  static boost::json::object error_reply_reference(int status);

  // Whether a value of this schema has an instant in it, which callers may have in two forms.
  bool has_time(const boost::json::object& schema) const;

  // The `components` of the document, in the order of the alphabet.
  boost::json::object take() &&;

 private:
  void add(const Schema& schema);

  boost::json::object schemas_;
};

}  // namespace bellpull
