// An ability as the model meets it: a function with parameters, and what calling it does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "action/ability_gates.h"
#include "action/action.h"
#include "action/action_set.h"
#include "action/block.h"
#include "action/instruction.h"
#include "action/references.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/bot.h"
#include "egress/redaction.h"
#include "llm/provider.h"

namespace bellpull {

// As it is stored.
struct AbilityText {
  std::string name;
  std::string description;
  std::string instruction;
  AbilityLinks links = {};
};

AbilityLinks links_of(const Ability& ability);

// One call, from the model's side.
struct AbilityCall {
  boost::json::object arguments;
  CallContext context;
  std::string idempotency_key;  // see ActionRequest
  TimePoint intended_at;        // likewise
  SteadyTime deadline;
};

// What abilities are called with; all outlive them.
struct AbilityServices {
  const ActionSet& actions;
  ReferenceSource& references;
  AbilityGates& gates;
  const Clock& clock;
};

class AbilityFunction {
 public:
  AbilityFunction(AbilityText text, std::string function_name, const AbilityServices& services);

  const ToolDefinition& tool() const { return tool_; }
  const std::string& name() const { return name_; }  // the stored one
  const AbilityLinks& links() const { return links_; }
  // The first of its actions that this server has; empty for text to read.
  std::string_view action() const;

  // Whether the call may be made again when its first outcome is unknown. Secrets are not needed to
  // know that, and not asked for.
  bool is_idempotent(const boost::json::object& arguments) const;
  // An instruction that cannot run, an unknown action and arguments that do not fit are outcomes
  // with `is_error`, which say what would be right.
  // Several actions run in order until one fails; the result is then what all of them gave.
  // The function outlives the call.
  Task<ActionOutcome> execute(AbilityCall call) const;

 private:
  // What the blocks of one call are filled with.
  struct Filled {
    const FieldValues* values;
    const ResolvedNames* names;
    const Redactor* redact;  // null when there is nothing to hide
  };

  bool is_idempotent(const Block& block, const boost::json::object& arguments,
                     const FieldValues& values) const;
  Task<ActionOutcome> run_blocks(const AbilityCall* call, const Filled* filled) const;
  Task<ActionOutcome> run_block(const Block* block, const AbilityCall* call, const Filled* filled,
                                std::string key) const;

  AbilityServices services_;
  std::string name_;
  AbilityLinks links_;
  Instruction instruction_;
  ToolDefinition tool_;
};

struct AbilityFunctions {
  std::vector<AbilityFunction> usable;
  std::vector<std::string> unnamed;  // names that no function name can be made of
};

// The abilities of a run, in the given order. Two that would have one function name become name,
// name_2, name_3: the same for the same list.
AbilityFunctions make_abilities(std::vector<AbilityText> texts, const AbilityServices& services);

// "Send e-mail!" as send_e_mail (api-contract.md, 2.4); empty when nothing is left.
std::string function_name(std::string_view ability_name);

}  // namespace bellpull
