// What the turns of a run tell builtin/rules: the event, and the calls that this run has made.
//
// Only what follows the newest event is this run's; earlier runs of the conversation are history.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "llm/provider.h"
#include "llm/rules_facts.h"

namespace bellpull {

struct RulesRecord {
  const ToolCall* call = nullptr;
  const Turn* result = nullptr;  // null: none was recorded
};

struct RulesTurns {
  std::string_view backstory;
  RulesFacts facts;
  std::map<std::string, RulesRecord, std::less<>> calls;  // by id
  bool is_body_removed = false;                           // by retention
};

// Lifetime: of the turns.
RulesTurns read_rules_turns(const std::vector<Turn>& turns);

RulesOutcome outcome_of(const RulesRecord& record);
// The server stopped before it made the call: it may be made now.
bool was_not_made(const RulesRecord& record);

}  // namespace bellpull
