// When a rule applies.
//
//   event.type: order.created                     is equal
//   event.total: { at_least: 100, below: 5000 }   several tests: all must hold
//   all: [...]   any: [...]   not: {...}          conditions of conditions
//
// Where there is no value, every test but `missing` says no.
#pragma once

#include <cstdint>
#include <vector>

#include <boost/json/value.hpp>

#include "llm/rules_facts.h"
#include "llm/rules_path.h"
#include "llm/rules_problem.h"
#include "llm/rules_template.h"
#include "llm/rules_yaml.h"

namespace bellpull {

class RulesCondition {
 public:
  // Holds always.
  RulesCondition() = default;

  static RulesCondition read(const RulesNode& node, const RulesScope& scope,
                             RulesProblems& problems);

  // Fails for what can't be judged: an order between a text and a list, an operand that is missing.
  RulesResult<bool> holds(const RulesFacts& facts) const;

  enum class Test : std::uint8_t {
    equals,
    above,
    below,
    at_least,
    at_most,
    contains,
    starts_with,
    ends_with,
    in,
    exists,
    missing,
    failed,
  };

 private:
  enum class Kind : std::uint8_t { all, any, none, test };

  static RulesCondition read_member(const RulesMember& member, const RulesScope& scope,
                                    RulesProblems& problems);
  static RulesCondition read_parts(const RulesMember& member, Kind kind, const RulesScope& scope,
                                   RulesProblems& problems);
  static RulesCondition read_path(const RulesMember& member, const RulesScope& scope,
                                  RulesProblems& problems);
  void read_test(const RulesMember& member, const RulesScope& scope, RulesProblems& problems);
  RulesResult<bool> judge(const RulesFacts& facts) const;
  RulesResult<bool> judge_value(const boost::json::value& value,
                                const boost::json::value& operand) const;

  Kind kind_ = Kind::all;
  int line_ = 0;
  std::vector<RulesCondition> parts_;
  // Of a test.
  RulesPath path_;
  Test test_ = Test::equals;
  RulesValue operand_;
  bool wanted_ = true;  // of exists, missing and failed
};

}  // namespace bellpull
