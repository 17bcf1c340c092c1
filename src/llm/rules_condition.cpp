#include "llm/rules_condition.h"

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/value.hpp>

#include "llm/rules_facts.h"
#include "llm/rules_path.h"
#include "llm/rules_problem.h"
#include "llm/rules_template.h"
#include "llm/rules_value.h"
#include "llm/rules_yaml.h"

namespace bellpull {

namespace json = boost::json;

namespace {

using Test = RulesCondition::Test;

// So that a program of many conditions on a large event stays quick.
constexpr std::size_t max_operand_bytes = std::size_t{16} * 1024;

struct NamedTest {
  std::string_view name;
  Test test;
};

constexpr auto tests = std::to_array<NamedTest>({{"equals", Test::equals},
                                                 {"above", Test::above},
                                                 {"below", Test::below},
                                                 {"at_least", Test::at_least},
                                                 {"at_most", Test::at_most},
                                                 {"contains", Test::contains},
                                                 {"starts_with", Test::starts_with},
                                                 {"ends_with", Test::ends_with},
                                                 {"in", Test::in},
                                                 {"exists", Test::exists},
                                                 {"missing", Test::missing},
                                                 {"failed", Test::failed}});

std::string test_names() {
  std::string names;
  for (const NamedTest& test : tests) {
    names += names.empty() ? "" : ", ";
    names += test.name;
  }
  return names;
}

std::optional<Test> find_test(std::string_view name) {
  const auto found = std::ranges::find(tests, name, &NamedTest::name);
  return found == tests.end() ? std::nullopt : std::optional(found->test);
}

// Of these the operand is true or false.
bool is_question(Test test) {
  return test == Test::exists || test == Test::missing || test == Test::failed;
}

bool contains(const json::value& value, const json::value& operand) {
  if (const auto* list = value.if_array()) {
    return std::ranges::any_of(
        *list, [&](const json::value& item) { return equal_values(item, operand); });
  }
  const std::string wanted = inserted_text(operand);
  if (const auto* object = value.if_object()) return object->contains(wanted);
  if (value.is_string()) return std::string_view{value.get_string()}.contains(wanted);
  return inserted_text(value).contains(wanted);
}

bool has_edge(Test test, const json::value& value, const json::value& operand) {
  if (value.is_structured()) return false;
  const std::string text = inserted_text(value);
  const std::string wanted = inserted_text(operand);
  return test == Test::starts_with ? text.starts_with(wanted) : text.ends_with(wanted);
}

bool has_order(Test test, std::partial_ordering order) {
  switch (test) {
    case Test::above:
      return order > 0;
    case Test::below:
      return order < 0;
    case Test::at_least:
      return order >= 0;
    default:
      return order <= 0;
  }
}

}  // namespace

RulesCondition RulesCondition::read(const RulesNode& node, const RulesScope& scope,
                                    RulesProblems& problems) {
  RulesCondition all;
  all.line_ = node.line;
  if (node.kind != RulesNode::Kind::map || node.members.empty()) {
    problems.add(node.line,
                 "a condition is a map, like { event.type: order.created }; several that "
                 "must hold together stand in one map, or in a list under `all`");
    return all;
  }
  for (const RulesMember& member : node.members) {
    all.parts_.push_back(read_member(member, scope, problems));
  }
  return all;
}

RulesCondition RulesCondition::read_member(const RulesMember& member, const RulesScope& scope,
                                           RulesProblems& problems) {
  if (member.key == "all") return read_parts(member, Kind::all, scope, problems);
  if (member.key == "any") return read_parts(member, Kind::any, scope, problems);
  if (member.key != "not") return read_path(member, scope, problems);
  RulesCondition none;
  none.kind_ = Kind::none;
  none.line_ = member.line;
  none.parts_.push_back(read(member.value, scope, problems));
  return none;
}

RulesCondition RulesCondition::read_parts(const RulesMember& member, Kind kind,
                                          const RulesScope& scope, RulesProblems& problems) {
  RulesCondition condition;
  condition.kind_ = kind;
  condition.line_ = member.line;
  if (member.value.kind != RulesNode::Kind::list || member.value.items.empty()) {
    problems.add(member.line,
                 "`" + member.key + "` takes a list of conditions, each with its own dash");
  }
  for (const RulesNode& item : member.value.items) {
    condition.parts_.push_back(read(item, scope, problems));
  }
  return condition;
}

RulesCondition RulesCondition::read_path(const RulesMember& member, const RulesScope& scope,
                                         RulesProblems& problems) {
  RulesCondition condition;
  condition.line_ = member.line;
  auto path = RulesPath::parse(member.key);
  if (!path) {
    problems.add(member.line, path.error().message);
    return condition;
  }
  if (!scope.knows(path->root())) {
    problems.add(member.line, "`" + path->root() + "` in `" + shown(member.key) +
                                  "` is not known here; known are " + scope.names() +
                                  ", and `all`, `any` and `not`");
    return condition;
  }
  condition.path_ = std::move(*path);
  const RulesNode& value = member.value;
  if (value.kind == RulesNode::Kind::scalar) {
    condition.kind_ = Kind::test;
    condition.operand_ = RulesValue::read(value, scope, problems);
  } else if (value.kind != RulesNode::Kind::map || value.members.empty()) {
    problems.add(member.line, "`" + member.key +
                                  "` needs a value or a test: { in: [a, b] } for one of several, "
                                  "{ missing: true } for none");
  } else {
    for (const RulesMember& test : value.members) {
      RulesCondition part;
      part.kind_ = Kind::test;
      part.line_ = test.line;
      part.path_ = condition.path_;
      part.read_test(test, scope, problems);
      condition.parts_.push_back(std::move(part));
    }
  }
  return condition;
}

void RulesCondition::read_test(const RulesMember& member, const RulesScope& scope,
                               RulesProblems& problems) {
  const auto test = find_test(member.key);
  if (!test) {
    problems.add(member.line,
                 "there is no test `" + shown(member.key) + "`; there are " + test_names());
    return;
  }
  test_ = *test;
  if (!is_question(test_)) {
    const RulesNode::Kind kind = member.value.kind;
    const bool is_text = kind == RulesNode::Kind::scalar;
    if (kind == RulesNode::Kind::nothing) {
      problems.add(member.line, "`" + member.key + "` needs a value");
    } else if (test_ == Test::in && kind != RulesNode::Kind::list && !is_text) {
      problems.add(member.line, "`in` takes a list: [a, b]");
    } else if (test_ != Test::in && test_ != Test::equals && !is_text) {
      problems.add(member.line, "`" + member.key + "` takes one value, a text or a number");
    }
    operand_ = RulesValue::read(member.value, scope, problems);
    return;
  }
  const json::value answer = plain_value(member.value.text);
  if (!answer.is_bool()) {
    problems.add(member.line, "`" + member.key + "` takes true or false");
  } else {
    wanted_ = answer.get_bool();
  }
  if (test_ == Test::failed && !(path_.is_root() && scope.is_call(path_.root()))) {
    problems.add(member.line, "`failed` asks for a call, by the name that it has from `as`");
  }
}

RulesResult<bool> RulesCondition::holds(const RulesFacts& facts) const {
  if (kind_ == Kind::test) return judge(facts);
  for (const RulesCondition& part : parts_) {
    const RulesResult<bool> held = part.holds(facts);
    if (!held) return held;
    if (kind_ == Kind::any && *held) return true;
    if (kind_ == Kind::all && !*held) return false;
    if (kind_ == Kind::none && *held) return false;
  }
  return kind_ != Kind::any;
}

RulesResult<bool> RulesCondition::judge(const RulesFacts& facts) const {
  if (test_ == Test::failed) return facts.has_failed(path_.root()) == wanted_;
  const json::value* value = facts.find(path_);
  if (test_ == Test::exists) return (value != nullptr) == wanted_;
  if (test_ == Test::missing) return (value == nullptr) == wanted_;
  if (value == nullptr) return false;
  RulesRoom room{max_operand_bytes};
  const auto operand = operand_.value(facts, room);
  if (!operand) return std::unexpected(operand.error());
  return judge_value(*value, *operand);
}

RulesResult<bool> RulesCondition::judge_value(const json::value& value,
                                              const json::value& operand) const {
  switch (test_) {
    case Test::equals:
      return equal_values(value, operand);
    case Test::contains:
      return contains(value, operand);
    case Test::starts_with:
    case Test::ends_with:
      return has_edge(test_, value, operand);
    case Test::in:
      if (!operand.is_array()) {
        return rules_fault(line_, "`in` takes a list, not " + std::string{kind_of(operand)});
      }
      return contains(operand, value);
    default:
      break;
  }
  const auto order = compare_values(value, operand);
  if (!order) {
    return rules_fault(line_, "`" + path_.text() + "` is " + std::string{kind_of(value)} + ", " +
                                  "and has no order with " + std::string{kind_of(operand)} + " (" +
                                  shown(inserted_text(operand)) + ")");
  }
  return has_order(test_, *order);
}

}  // namespace bellpull
