#include "action/ability.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>
#include <fmt/format.h>

#include "action/action.h"
#include "action/action_set.h"
#include "action/instruction.h"
#include "action/outcome.h"
#include "base/result.h"
#include "base/task.h"

namespace bellpull {

namespace {

constexpr std::size_t max_function_name = 64;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; }

bool is_identifier(std::string_view name) {
  return !name.empty() && is_letter(name.front()) && std::ranges::all_of(name, is_word);
}

std::string unused_name(const std::string& wanted, const std::set<std::string>& used) {
  std::string name = wanted;
  for (std::size_t n = 2; used.contains(name); ++n) {
    const std::string suffix = fmt::format("_{}", n);
    name = wanted.substr(0, max_function_name - suffix.size()) + suffix;
  }
  return name;
}

}  // namespace

std::string function_name(std::string_view ability_name) {
  if (is_identifier(ability_name)) return std::string(ability_name.substr(0, max_function_name));
  std::string name;
  for (const char c : ability_name) {
    const bool word = is_word(c) && c != '_';
    if (word) {
      name += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  name.resize(std::min(name.size(), max_function_name));
  while (name.ends_with('_')) name.pop_back();
  return name;
}

AbilityFunction::AbilityFunction(AbilityText text, std::string function_name,
                                 const ActionSet& actions)
    : actions_(&actions),
      name_(std::move(text.name)),
      place_(text.place),
      instruction_(parse_instruction(text.instruction)),
      tool_{.name = std::move(function_name),
            .description = text.description.empty() ? name_ : std::move(text.description),
            .parameters = instruction_.parameters()} {}

bool AbilityFunction::has_action() const {
  return instruction_.kind() == InstructionKind::simple &&
         actions_->find(instruction_.action()) != nullptr;
}

bool AbilityFunction::is_idempotent(const boost::json::object& arguments) const {
  if (instruction_.kind() != InstructionKind::simple) return true;
  const Action* action = actions_->find(instruction_.action());
  auto input = instruction_.fill(arguments);
  if (action == nullptr || !input) return true;  // nothing would happen
  return action->is_idempotent({.input = std::move(*input),
                                .options = instruction_.options(),
                                .arguments = arguments,
                                .idempotency_key = {},
                                .deadline = {}});
}

Task<ActionOutcome> AbilityFunction::execute(AbilityCall call) const {
  if (instruction_.kind() == InstructionKind::unsupported)
    co_return error_outcome(instruction_.text());
  if (instruction_.kind() == InstructionKind::prose) {
    co_return ActionOutcome{.result = boost::json::value(instruction_.text())};
  }
  Action* action = actions_->find(instruction_.action());
  if (action == nullptr) {
    co_return error_outcome(fmt::format("There is no action \"{}\"; this server knows: {}",
                                        instruction_.action(), fmt::join(actions_->names(), ", ")));
  }
  auto input = instruction_.fill(call.arguments);
  if (!input) co_return error_outcome(input.error().message);
  // Named, because g++ 12 destroys a braced temporary inside of co_await twice.
  ActionRequest request{.input = std::move(*input),
                        .options = instruction_.options(),
                        .arguments = std::move(call.arguments),
                        .idempotency_key = std::move(call.idempotency_key),
                        .deadline = call.deadline};
  co_return co_await action->execute(std::move(request));
}

AbilityFunctions make_abilities(std::vector<AbilityText> texts, const ActionSet& actions) {
  AbilityFunctions result;
  std::set<std::string> used;
  for (AbilityText& text : texts) {
    const std::string wanted = function_name(text.name);
    if (wanted.empty()) {
      result.unnamed.push_back(std::move(text.name));
      continue;
    }
    std::string name = unused_name(wanted, used);
    used.insert(name);
    result.usable.emplace_back(std::move(text), std::move(name), actions);
  }
  return result;
}

}  // namespace bellpull
