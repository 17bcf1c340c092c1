#include "agent/settling.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "agent/arguments.h"
#include "agent/exchange.h"
#include "agent/run_limits.h"
#include "domain/run.h"
#include "llm/provider.h"

namespace bellpull {

namespace json = boost::json;

namespace {

ToolDefinition settling_function(std::string_view name, std::string_view description,
                                 std::string_view about_reason) {
  return {.name = std::string{name},
          .description = std::string{description},
          .parameters = {
              {"type", "object"},
              {"properties", json::object{{"reason", json::object{{"type", "string"},
                                                                  {"description", about_reason}}}}},
              {"required", json::array{"reason"}},
              {"additionalProperties", false}}};
}

// The reason that a settling call gives. A call with broken arguments settles all the same: the
// decision is in its name.
std::string reason_of(const ToolCall& call) {
  const auto arguments = read_arguments(call.arguments);
  if (!arguments) return call.arguments;
  const json::value* reason = arguments->if_contains("reason");
  return reason != nullptr && reason->is_string() ? std::string{reason->get_string()}
                                                  : std::string{};
}

}  // namespace

const std::array<ToolDefinition, 2>& settling_functions() {
  static const std::array<ToolDefinition, 2> functions = {
      settling_function(success_function,
                        "Ends this run: what the event and the trigger call for is done.",
                        "What was done, in one or two sentences"),
      settling_function(failure_function, "Ends this run: what is called for can't be done.",
                        "Why it can't be done, in one or two sentences"),
  };
  return functions;
}

std::optional<Ending> settlement_of(const Exchange& exchange) {
  if (exchange.calls.empty() && exchange.stop == StopReason::refused) {
    return Ending{RunState::dead, "refused", "The model refused to answer: " + exchange.text};
  }
  if (exchange.calls.empty() && exchange.stop == StopReason::filtered) {
    return Ending{RunState::dead, "filtered",
                  "The model's provider withheld its answer by a content filter."};
  }
  // A cut answer may have lost calls that belong before this one.
  if (exchange.stop == StopReason::length) return std::nullopt;
  for (const ExchangeCall& call : exchange.calls) {
    if (call.settles) return Ending{*call.settles, call.reason};
  }
  for (const ExchangeCall& call : exchange.calls) {
    if (call.call.name == failure_function) return Ending{RunState::failed, reason_of(call.call)};
  }
  const bool any_failed = std::ranges::any_of(exchange.calls, &ExchangeCall::is_error);
  for (const ExchangeCall& call : exchange.calls) {
    if (call.call.name == success_function && !any_failed) {
      return Ending{RunState::succeeded, reason_of(call.call)};
    }
  }
  return std::nullopt;
}

std::string_view refused_settlement() {
  return "The run is not settled: a call of the same answer failed. Read its result, then settle "
         "again.";
}

Ending timed_out() { return {RunState::incomplete, "timeout"}; }

Ending too_many_calls() { return {RunState::incomplete, "calls"}; }

Ending attempts_used_up() {
  return {RunState::dead, "attempts",
          "All attempts are used up. The last one left no failure: the server was probably killed "
          "while it ran."};
}

std::optional<Ending> bound_reached(const RunLimits& limits, const RunSpent& spent) {
  if (spent.nudges > limits.nudges) return Ending{RunState::incomplete, "unsettled"};
  if (spent.model_calls >= limits.steps) return Ending{RunState::incomplete, "steps"};
  if (spent.action_calls >= limits.calls) return too_many_calls();
  if (limits.tokens > 0 && spent.tokens >= limits.tokens) {
    return Ending{RunState::incomplete, "tokens"};
  }
  return std::nullopt;
}

std::string nudge_after(const Exchange& exchange) {
  std::string text = exchange.stop == StopReason::length
                         ? "Your answer was cut off at the length limit; go on in shorter steps. "
                         : "";
  text +=
      "The run is not settled. Nobody reads this conversation while it runs: go on with your "
      "functions, or end the run with `_success` or `_failure` and the reason.";
  return text;
}

}  // namespace bellpull
