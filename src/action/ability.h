// An ability as the model meets it: a function with parameters, and what calling it does.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "action/action.h"
#include "action/action_set.h"
#include "action/instruction.h"
#include "base/task.h"
#include "base/time.h"
#include "llm/provider.h"

namespace bellpull {

// As it is stored.
struct AbilityText {
  std::string name;
  std::string description;
  std::string instruction;
  std::size_t place = 0;  // whatever the caller knows it by
};

// One call, from the model's side.
struct AbilityCall {
  boost::json::object arguments;
  std::string idempotency_key;  // see ActionRequest
  SteadyTime deadline;
};

class AbilityFunction {
 public:
  AbilityFunction(AbilityText text, std::string function_name, const ActionSet& actions);

  const ToolDefinition& tool() const { return tool_; }
  const std::string& name() const { return name_; }                    // the stored one
  const std::string& action() const { return instruction_.action(); }  // empty for text to read
  // Whether there is such an action on this server.
  bool has_action() const;
  std::size_t place() const { return place_; }

  // Whether the call may be made again when its first outcome is unknown.
  bool is_idempotent(const boost::json::object& arguments) const;
  // An instruction that cannot run, an unknown action and arguments that do not fit are outcomes
  // with `is_error`, which say what would be right.
  Task<ActionOutcome> execute(AbilityCall call) const;

 private:
  const ActionSet* actions_;
  std::string name_;
  std::size_t place_;
  Instruction instruction_;
  ToolDefinition tool_;
};

struct AbilityFunctions {
  std::vector<AbilityFunction> usable;
  std::vector<std::string> unnamed;  // names that no function name can be made of
};

// The abilities of a run, in the given order. Two that would have one function name become name,
// name_2, name_3: the same for the same list.
AbilityFunctions make_abilities(std::vector<AbilityText> texts, const ActionSet& actions);

// The names that agent/ uses; domain/ has an Ability of its own, so these must go.
using Ability = AbilityFunction;
using Abilities = AbilityFunctions;

// "Send e-mail!" as send_e_mail (api-contract.md, 2.4); empty when nothing is left.
std::string function_name(std::string_view ability_name);

}  // namespace bellpull
