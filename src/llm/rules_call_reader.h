// Reads the calls of a program: `call: stock query`, `with`, `as`, `on_error`.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "llm/provider.h"
#include "llm/rules_facts.h"
#include "llm/rules_problem.h"
#include "llm/rules_program.h"
#include "llm/rules_yaml.h"

namespace bellpull {

// Lifetime: `tools` and `problems` outlive it.
class RulesCallReader {
 public:
  RulesCallReader(const std::vector<ToolDefinition>& tools, RulesProblems& problems)
      : tools_(tools), problems_(problems) {}

  // One call, from a map that has `call`; keys that it does not know are the caller's.
  RulesCall read(const RulesNode& map, const RulesScope& scope);

 private:
  const ToolDefinition* find_tool(const RulesNode& name);
  std::string abilities() const;
  void read_arguments(const RulesNode& map, const ToolDefinition* tool, const RulesScope& scope,
                      RulesCall& call);
  // `with`: null when there is none.
  void judge_arguments(const RulesCall& call, const RulesNode* with, const ToolDefinition& tool);
  void read_name(const RulesNode& map, const RulesScope& scope, RulesCall& call);
  void read_on_error(const RulesNode& map, RulesCall& call);

  const std::vector<ToolDefinition>& tools_;
  RulesProblems& problems_;
  std::vector<std::string> names_;  // given by `as`, anywhere in the program
  std::size_t calls_ = 0;
};

}  // namespace bellpull
