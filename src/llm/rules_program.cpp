#include "llm/rules_program.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llm/provider.h"
#include "llm/rules_call_reader.h"
#include "llm/rules_condition.h"
#include "llm/rules_facts.h"
#include "llm/rules_problem.h"
#include "llm/rules_source.h"
#include "llm/rules_template.h"
#include "llm/rules_value.h"
#include "llm/rules_yaml.h"

namespace bellpull {

namespace {

using Act = RulesRule::Act;

constexpr std::array<std::string_view, 6> acts{"call", "call_all", "reply",
                                               "fail", "succeed",  "do"};
constexpr std::array<std::string_view, 3> of_call{"with", "as", "on_error"};

constexpr auto about_acts =
    "a rule does one of call, call_all, reply, fail, succeed and do; several things, one after "
    "another, are a list under `do`";

template <std::size_t N>
bool is_in(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

Act act_of_text(std::string_view key) {
  if (key == "reply") return Act::reply;
  return key == "fail" ? Act::fail : Act::succeed;
}

class ProgramReader {
 public:
  ProgramReader(const std::vector<ToolDefinition>& tools, RulesProblems& problems)
      : problems_(problems), calls_(tools, problems) {}

  std::vector<RulesRule> read_list(const RulesMember& list) {
    std::vector<RulesRule> rules;
    if (list.value.kind != RulesNode::Kind::list || list.value.items.empty()) {
      problems_.add(list.line, "`" + list.key + "` takes a list of rules, each with its own dash");
      return rules;
    }
    for (const RulesNode& node : list.value.items) {
      if (++rules_ == max_rules + 1) {
        problems_.add(node.line, "this is one rule too many; a program has at most " +
                                     std::to_string(max_rules));
      }
      // What is over the limit is read no further.
      if (rules_ <= max_rules) rules.push_back(read_rule(node));
    }
    return rules;
  }

 private:
  RulesRule read_rule(const RulesNode& node) {
    RulesRule rule{.line = node.line};
    if (node.kind != RulesNode::Kind::map) {
      problems_.add(node.line, std::string{"a rule is a map; "} + about_acts);
      return rule;
    }
    const RulesMember* act = find_act(node);
    if (const RulesNode* when = node.find("when")) {
      rule.when = RulesCondition::read(*when, scope_, problems_);
    }
    if (act != nullptr) read_act(node, *act, rule);
    return rule;
  }

  // Tells of every key that does not belong.
  const RulesMember* find_act(const RulesNode& node) {
    const RulesMember* act = nullptr;
    for (const RulesMember& member : node.members) {
      if (is_in(acts, member.key)) {
        if (act != nullptr) {
          problems_.add(member.line,
                        "`" + act->key + "` and `" + member.key + "` in one rule; " + about_acts);
        } else {
          act = &member;
        }
      } else if (is_in(of_call, member.key)) {
        if (node.find("call") == nullptr) {
          problems_.add(member.line, "`" + member.key + "` belongs to a `call` beside it");
        }
      } else if (member.key != "when") {
        problems_.add(member.line,
                      "a rule has no `" + shown(member.key) + "`; beside `when`, " + about_acts);
      }
    }
    if (act == nullptr)
      problems_.add(node.line, std::string{"this rule does nothing; "} + about_acts);
    return act;
  }

  void read_act(const RulesNode& node, const RulesMember& act, RulesRule& rule) {
    if (act.key == "call") {
      rule.act = Act::call;
      rule.calls.push_back(calls_.read(node, scope_));
      name_results(rule);
    } else if (act.key == "call_all") {
      rule.act = Act::call;
      read_calls(act, rule);
      name_results(rule);
    } else if (act.key == "do") {
      rule.rules = read_list(act);
    } else {
      rule.act = act_of_text(act.key);
      if (act.value.kind != RulesNode::Kind::scalar || act.value.text.empty()) {
        problems_.add(act.line, "`" + act.key + "` takes a text");
      }
      rule.text = RulesText::read(act.value, scope_, problems_);
    }
  }

  void read_calls(const RulesMember& list, RulesRule& rule) {
    if (list.value.kind != RulesNode::Kind::list || list.value.items.empty()) {
      problems_.add(list.line, "`call_all` takes a list of calls, like - call: name of an ability");
    }
    for (const RulesNode& node : list.value.items) {
      for (const RulesMember& member : node.members) {
        if (member.key == "call" || is_in(of_call, member.key)) continue;
        problems_.add(member.line, "a call of `call_all` has no `" + shown(member.key) +
                                       "`; it has call, with, as and on_error");
      }
      rule.calls.push_back(calls_.read(node, scope_));
    }
  }

  // Known to what comes after: calls of one list don't see each other's results.
  void name_results(const RulesRule& rule) {
    for (const RulesCall& call : rule.calls) {
      if (!call.name.empty()) scope_.add_call(call.name);
    }
  }

  RulesProblems& problems_;
  RulesCallReader calls_;
  RulesScope scope_;
  std::size_t rules_ = 0;
};

}  // namespace

std::optional<RulesProgram> read_rules(std::string_view backstory,
                                       const std::vector<ToolDefinition>& tools,
                                       RulesProblems& problems) {
  const auto source = find_rules(backstory, problems);
  if (!source) return std::nullopt;
  const auto root = read_rules_yaml(source->text, source->first_line, problems);
  if (!root) {
    if (!source->is_fenced) {
      problems.add(1, "without a block fenced as ```rules the whole backstory is the program");
    }
    return std::nullopt;
  }
  if (root->find("rules") == nullptr) {
    problems.add(root->line, source->is_fenced
                                 ? "the program must begin with `rules:` and a list of rules"
                                 : "the backstory holds no program; write one into a block fenced "
                                   "as ```rules, beginning with `rules:`");
    return std::nullopt;
  }
  RulesProgram program;
  ProgramReader reader(tools, problems);
  for (const RulesMember& member : root->members) {
    if (member.key == "rules") {
      program.rules = reader.read_list(member);
    } else {
      problems.add(member.line, "a program has no `" + shown(member.key) + "`, only `rules`");
    }
  }
  if (!problems.empty()) return std::nullopt;
  return program;
}

}  // namespace bellpull
