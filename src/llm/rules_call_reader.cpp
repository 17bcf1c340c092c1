#include "llm/rules_call_reader.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "llm/provider.h"
#include "llm/rules_facts.h"
#include "llm/rules_problem.h"
#include "llm/rules_program.h"
#include "llm/rules_template.h"
#include "llm/rules_value.h"
#include "llm/rules_yaml.h"

namespace bellpull {

namespace json = boost::json;

namespace {

bool is_offered(const ToolDefinition& tool) { return !tool.name.starts_with('_'); }

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_part = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && text.size() <= 64 && is_letter(text.front()) &&
         std::ranges::all_of(text, is_part);
}

bool is_keyword(std::string_view text) {
  constexpr std::array<std::string_view, 3> keywords{"all", "any", "not"};
  return std::ranges::find(keywords, text) != keywords.end();
}

const json::object* object_in(const json::object& schema, std::string_view name) {
  const json::value* found = schema.if_contains(name);
  return found == nullptr ? nullptr : found->if_object();
}

bool has_argument(const RulesCall& call, std::string_view name) {
  return std::ranges::any_of(call.arguments,
                             [name](const auto& argument) { return argument.first == name; });
}

}  // namespace

std::string RulesCallReader::abilities() const {
  std::string names;
  for (const ToolDefinition& tool : tools_) {
    if (!is_offered(tool)) continue;
    names += (names.empty() ? "" : ", ") + tool.name;
  }
  return names.empty() ? "none: give the bot a skillset" : names;
}

const ToolDefinition* RulesCallReader::find_tool(const RulesNode& name) {
  const ToolDefinition* found = nullptr;
  for (const ToolDefinition& tool : tools_) {
    if (is_offered(tool) && tool.name == name.text) return &tool;
  }
  for (const ToolDefinition& tool : tools_) {
    if (!is_offered(tool) || tool.title != name.text) continue;
    if (found != nullptr) {
      problems_.add(name.line, "several abilities are called `" + shown(name.text) + "`; write `" +
                                   found->name + "` or `" + tool.name + "`");
      return nullptr;
    }
    found = &tool;
  }
  if (found == nullptr) {
    problems_.add(name.line,
                  "there is no ability `" + shown(name.text) + "`; there are: " + abilities());
  }
  return found;
}

RulesCall RulesCallReader::read(const RulesNode& map, const RulesScope& scope) {
  RulesCall call{.line = map.line};
  const RulesNode* ability = map.find("call");
  const ToolDefinition* tool = nullptr;
  if (ability == nullptr || ability->kind != RulesNode::Kind::scalar) {
    problems_.add(map.line, "`call` takes the name of an ability; there are: " + abilities());
  } else {
    call.line = ability->line;
    call.ability = ability->text;
    tool = find_tool(*ability);
  }
  if (tool != nullptr) call.function = tool->name;
  read_arguments(map, tool, scope, call);
  read_name(map, scope, call);
  read_on_error(map, call);
  if (++calls_ == max_rule_calls + 1) {
    problems_.add(call.line, "this is one call too many; a program has at most " +
                                 std::to_string(max_rule_calls));
  }
  return call;
}

void RulesCallReader::read_arguments(const RulesNode& map, const ToolDefinition* tool,
                                     const RulesScope& scope, RulesCall& call) {
  const RulesNode* with = map.find("with");
  if (with != nullptr && with->kind != RulesNode::Kind::map) {
    problems_.add(with->line, "`with` takes a map of the ability's parameters and their values");
    return;
  }
  if (with != nullptr) {
    for (const RulesMember& member : with->members) {
      call.arguments.emplace_back(member.key, RulesValue::read(member.value, scope, problems_));
    }
  }
  if (tool != nullptr) judge_arguments(call, with, *tool);
}

void RulesCallReader::judge_arguments(const RulesCall& call, const RulesNode* with,
                                      const ToolDefinition& tool) {
  const json::value* required = tool.parameters.if_contains("required");
  if (const auto* names = required == nullptr ? nullptr : required->if_array()) {
    for (const json::value& name : *names) {
      if (!name.is_string() || has_argument(call, name.get_string())) continue;
      problems_.add(call.line, "`" + call.ability + "` needs `" + std::string{name.get_string()} +
                                   "` under `with`");
    }
  }
  if (with == nullptr) return;
  const json::value* others = tool.parameters.if_contains("additionalProperties");
  if (others == nullptr || !others->is_bool() || others->get_bool()) return;
  const json::object* properties = object_in(tool.parameters, "properties");
  std::string known;
  if (properties != nullptr) {
    for (const auto& property : *properties) {
      known += known.empty() ? "" : ", ";
      known += property.key();
    }
  }
  for (const RulesMember& member : with->members) {
    if (properties != nullptr && properties->contains(member.key)) continue;
    problems_.add(member.line, "`" + call.ability + "` has no parameter `" + shown(member.key) +
                                   "`; it has " + (known.empty() ? "none" : known));
  }
}

void RulesCallReader::read_name(const RulesNode& map, const RulesScope& scope, RulesCall& call) {
  const RulesNode* as = map.find("as");
  if (as == nullptr) return;
  if (as->kind != RulesNode::Kind::scalar || !is_name(as->text) || is_keyword(as->text)) {
    problems_.add(as->line,
                  "`as` takes a name of letters, digits and _, and none of `all`, `any` and `not`");
  } else if (std::ranges::find(names_, as->text) != names_.end()) {
    problems_.add(as->line, "another call has the name `" + as->text + "`; take another one");
  } else if (scope.knows(as->text)) {
    problems_.add(as->line, "`" + as->text + "` stands for something else; take another name");
  } else {
    call.name = as->text;
    names_.push_back(as->text);
  }
}

void RulesCallReader::read_on_error(const RulesNode& map, RulesCall& call) {
  const RulesNode* on_error = map.find("on_error");
  if (on_error == nullptr) return;
  call.may_fail = on_error->text == "continue";
  if (!call.may_fail && on_error->text != "fail") {
    problems_.add(on_error->line,
                  "`on_error` takes `continue`, or `fail`, which is what happens without it");
  }
}

}  // namespace bellpull
