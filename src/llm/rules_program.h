// A program of builtin/rules, read and judged: docs/rules.md is its reference.
//
// Rules are gone through once, from the first to the last, so that every program ends. What is
// wrong is told before anything is done, all of it at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llm/provider.h"
#include "llm/rules_condition.h"
#include "llm/rules_problem.h"
#include "llm/rules_template.h"

namespace bellpull {

inline constexpr std::size_t max_rules = 200;
// Fewer than the model calls that a run may make: one after another, they fit into it.
inline constexpr std::size_t max_rule_calls = 64;

struct RulesCall {
  int line = 0;
  std::string ability;   // as the program names it
  std::string function;  // as the tools do
  std::vector<std::pair<std::string, RulesValue>> arguments;
  std::string name;  // of its result; may be empty
  bool may_fail = false;
};

struct RulesRule {
  enum class Act : std::uint8_t { call, reply, fail, succeed, group };

  int line = 0;
  RulesCondition when;
  Act act = Act::group;
  std::vector<RulesCall> calls;  // made together; one of `call`, several of `call_all`
  RulesText text;                // of reply, fail and succeed
  std::vector<RulesRule> rules;  // of `do`
};

struct RulesProgram {
  std::vector<RulesRule> rules;
};

// Reads the program in a backstory. `tools`: what it can call. Nothing, and problems, for a broken
// one.
std::optional<RulesProgram> read_rules(std::string_view backstory,
                                       const std::vector<ToolDefinition>& tools,
                                       RulesProblems& problems);

}  // namespace bellpull
