// One action with its input, as an instruction holds it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "action/template.h"
#include "base/result.h"

namespace bellpull {

struct ActionShape;
class Action;

// A value of the server's for a name such as SECRET_CRM or CONTACT_ID.
struct ServerValue {
  std::string text;
  // What goes before a secret that is all of an Authorization header: "Bearer ".
  std::string scheme;
};
using ServerValues = std::map<std::string, ServerValue, std::less<>>;
// The model's values by the names of the fields, as accept_value() gave them.
using FieldValues = std::map<std::string, boost::json::value, std::less<>>;

struct Block {
  std::string action;
  TemplateMap input;
  std::string bound;  // see ActionShape
  // The model, or the event by what it claims, decides which host the call goes to: no secret goes
  // along that is not bound to it.
  bool chosen_host = false;

  // The input with the values in place. What was put in is never read again. Fails, naming the
  // field, for a value that cannot stand where it should.
  Result<boost::json::object> fill(const FieldValues& values, const ServerValues& server) const;
};

// `text` is what stands in the fence, `options` what stands in its first line. Fails for a field
// that the action does not take, and for a secret where none may stand. `action` is nothing for a
// name that this server does not know; its input is kept as a text.
Result<Block> read_block(std::string action_name, std::string_view text,
                         const boost::json::object& options, const Action* action);

// The same for an input that has been read as YAML.
Result<Block> make_block(std::string action_name, TemplateMap input, const Action* action);

}  // namespace bellpull
