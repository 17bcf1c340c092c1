#include "action/ability.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>
#include <fmt/format.h>

#include "action/ability_gates.h"
#include "action/action.h"
#include "action/action_set.h"
#include "action/block.h"
#include "action/input_fields.h"
#include "action/instruction.h"
#include "action/outcome.h"
#include "action/references.h"
#include "action/shape.h"
#include "base/result.h"
#include "base/task.h"
#include "base/text.h"
#include "base/time.h"
#include "domain/bot.h"
#include "egress/redaction.h"
#include "store/run_records.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t max_function_name = 64;
constexpr std::size_t max_guidance_bytes = 2'000;
constexpr Duration max_timeout = std::chrono::minutes{5};
constexpr std::int64_t max_concurrency = 10'000;

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

std::string shortened(const std::string& guidance) {
  if (guidance.size() <= max_guidance_bytes) return guidance;
  return std::string(cut_at_character(guidance, max_guidance_bytes)) + "\u2026";
}

// Stand for the values while only the shape of an input matters: one can be an address, the other a
// part of one, or a number.
constexpr auto stand_ins = std::to_array<std::string_view>({"https://name.invalid", "1"});

ServerValues all_as(std::string_view stand_in, const std::vector<std::string>& names) {
  ServerValues values;
  for (const std::string& name : names) {
    values.emplace(name, ServerValue{.text = std::string(stand_in), .scheme = {}});
  }
  return values;
}

struct CallBounds {
  SteadyTime deadline;
  std::size_t concurrency = 0;  // 0: the server's
};

// Takes what bounds every action's calls out of the input.
Result<CallBounds> take_bounds(json::object& input, Duration default_timeout,
                               const AbilityCall& call, const Clock& clock) {
  InputFields fields{input};
  const auto timeout =
      fields.whole(timeout_field, 1, std::chrono::milliseconds{max_timeout}.count());
  const auto concurrency = fields.whole(concurrency_field, 1, max_concurrency);
  if (std::string problems = fields.problems(); !problems.empty()) {
    return fail(ErrorCode::invalid, std::move(problems));
  }
  CallBounds bounds{.deadline = call.deadline,
                    .concurrency = static_cast<std::size_t>(concurrency.value_or(0))};
  const Duration longest = timeout ? Duration{*timeout} : default_timeout;
  if (longest > Duration{0}) {
    bounds.deadline = std::min<SteadyTime>(call.deadline, clock.steady_now() + longest);
  }
  input.erase(timeout_field);
  input.erase(concurrency_field);
  return bounds;
}

// The other side likes to quote what it was sent.
void hide(ActionOutcome& outcome, const Redactor& redactor) {
  redact(outcome.result, redactor);
  outcome.reason = redactor(outcome.reason);
}

}  // namespace

AbilityLinks links_of(const Ability& ability) {
  return {.owner = ability.account,
          .ability = ability.id,
          .skillset = ability.skillset,
          .secret = ability.secret,
          .file = ability.file,
          .bot = ability.bot};
}

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
                                 const AbilityServices& services)
    : services_(services),
      name_(std::move(text.name)),
      links_(text.links),
      instruction_(parse_instruction(text.instruction, services.actions)),
      tool_{.name = std::move(function_name),
            .description = text.description.empty() ? name_ : std::move(text.description),
            .parameters = instruction_.parameters(),
            .title = name_} {
  if (instruction_.kind() == InstructionKind::runs && !instruction_.text().empty()) {
    tool_.description += "\n\n" + shortened(instruction_.text());
  }
}

std::string_view AbilityFunction::action() const {
  for (const Block& block : instruction_.blocks()) {
    if (services_.actions.find(block.action) != nullptr) return block.action;
  }
  return {};
}

bool AbilityFunction::is_idempotent(const json::object& arguments) const {
  const auto values = instruction_.accept(arguments);
  if (!values) return true;  // nothing would happen
  return std::ranges::all_of(instruction_.blocks(), [&](const Block& block) {
    return services_.actions.find(block.action) == nullptr ||
           is_idempotent(block, arguments, *values);
  });
}

// An input that no stand-in can fill may still be filled by the real values: nobody knows.
bool AbilityFunction::is_idempotent(const Block& block, const json::object& arguments,
                                    const FieldValues& values) const {
  const Action* const action = services_.actions.find(block.action);
  bool is_known = false;
  for (const std::string_view stand_in : stand_ins) {
    auto input = block.fill(values, all_as(stand_in, instruction_.server_names()));
    if (!input) continue;
    is_known = true;
    const ActionRequest request{.input = std::move(*input),
                                .arguments = arguments,
                                .context = {},
                                .links = links_,
                                .secrets = {},
                                .redact = nullptr,
                                .chosen_host = block.chosen_host,
                                .idempotency_key = {},
                                .intended_at = {},
                                .deadline = {}};
    if (!action->is_idempotent(request)) return false;
  }
  return is_known;
}

Task<ActionOutcome> AbilityFunction::execute(AbilityCall call) const {
  if (instruction_.kind() == InstructionKind::unsupported) {
    co_return error_outcome(instruction_.text());
  }
  if (instruction_.kind() == InstructionKind::prose) {
    co_return ActionOutcome{.result = json::value(instruction_.text())};
  }
  const auto values = instruction_.accept(call.arguments);
  if (!values) co_return error_outcome(values.error().message);
  ResolvedNames names;
  if (!instruction_.server_names().empty()) {
    auto resolved =
        co_await services_.references.resolve(instruction_.server_names(), call.context, links_);
    if (!resolved) co_return error_outcome(resolved.error().message);
    names = std::move(*resolved);
  }
  const Redactor redactor{names.hidden};
  Filled filled{&*values, &names, names.hidden.empty() ? nullptr : &redactor};
  ActionOutcome outcome = co_await run_blocks(&call, &filled);
  if (filled.redact != nullptr) hide(outcome, redactor);
  co_return outcome;
}

Task<ActionOutcome> AbilityFunction::run_blocks(const AbilityCall* call,
                                                const Filled* filled) const {
  const std::vector<Block>& blocks = instruction_.blocks();
  json::array results;
  std::vector<ModelUse> model_calls;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    std::string key = call->idempotency_key;
    if (i > 0) key += fmt::format("-{}", i + 1);
    ActionOutcome outcome = co_await run_block(&blocks[i], call, filled, std::move(key));
    if (blocks.size() == 1) co_return outcome;
    results.push_back(std::move(outcome.result));
    std::ranges::move(outcome.model_calls, std::back_inserter(model_calls));
    const bool last = i + 1 == blocks.size();
    if (!last && !outcome.is_error && !outcome.settles) continue;
    if (outcome.is_error && !last) {
      results.emplace_back(fmt::format("The {} that follow were not run.", blocks.size() - i - 1));
    }
    outcome.result = std::move(results);
    outcome.model_calls = std::move(model_calls);
    co_return outcome;
  }
  co_return ActionOutcome{};
}

Task<ActionOutcome> AbilityFunction::run_block(const Block* block, const AbilityCall* call,
                                               const Filled* filled, std::string key) const {
  Action* const action = services_.actions.find(block->action);
  if (action == nullptr) {
    co_return error_outcome(fmt::format("There is no action \"{}\"; this server knows: {}",
                                        block->action, fmt::join(services_.actions.names(), ", ")));
  }
  auto input = block->fill(*filled->values, filled->names->values);
  if (!input) co_return error_outcome(input.error().message);
  const auto bounds = take_bounds(*input, action->shape().default_timeout, *call, services_.clock);
  if (!bounds) co_return error_outcome(bounds.error().message);
  AbilityGates::Pass pass;
  if (links_.ability) {
    auto entered =
        co_await services_.gates.enter(links_.ability->key, bounds->concurrency, bounds->deadline);
    if (!entered) {
      co_return error_outcome("Nothing was sent: too many calls of this ability are under way");
    }
    pass = std::move(*entered);
  }
  // Named, because g++ 12 destroys a braced temporary inside of co_await twice.
  ActionRequest request{.input = std::move(*input),
                        .arguments = call->arguments,
                        .context = call->context,
                        .links = links_,
                        .secrets = filled->names->secrets,
                        .redact = filled->redact,
                        .chosen_host = block->chosen_host,
                        .idempotency_key = std::move(key),
                        .intended_at = call->intended_at,
                        .deadline = bounds->deadline};
  co_return co_await action->execute(std::move(request));
}

AbilityFunctions make_abilities(std::vector<AbilityText> texts, const AbilityServices& services) {
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
    result.usable.emplace_back(std::move(text), std::move(name), services);
  }
  return result;
}

}  // namespace bellpull
