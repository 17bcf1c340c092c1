#include "agent/call_group.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/system/system_error.hpp>

#include "action/action.h"
#include "agent/arguments.h"
#include "agent/call_key.h"
#include "agent/exchange.h"
#include "agent/journal.h"
#include "agent/run_plans.h"
#include "agent/run_recorder.h"
#include "agent/settling.h"
#include "agent/tool.h"
#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/transcript.h"
#include "llm/provider.h"
#include "store/run_records.h"
#include "store/store.h"

namespace bellpull {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

ActionOutcome refusal(std::string_view error, std::string message) {
  return {.result = json::object{{"error", error}, {"message", std::move(message)}},
          .is_error = true};
}

ActionOutcome cut_answer() {
  return refusal("answer_cut",
                 "Your answer was cut off at the length limit, so none of its calls was made. Make "
                 "fewer calls at a time, with shorter arguments.");
}

Duration elapsed(SteadyTime since, SteadyTime now) {
  return std::chrono::duration_cast<Duration>(now - since);
}

// Ends the group when one call could not be recorded: nothing that the others do would count.
struct StopWhenUnrecorded {
  asio::cancellation_type_t operator()(const std::exception_ptr& failure, bool recorded) const {
    return failure || !recorded ? asio::cancellation_type::terminal : asio::cancellation_type::none;
  }
};

}  // namespace

CallGroup::CallGroup(const SharedPlan& plan, const CallContext& context, RunRecorder& recorder,
                     const Clock& clock, Log& log, std::size_t result_bytes)
    : plan_(plan),
      context_(context),
      recorder_(recorder),
      clock_(clock),
      log_(log),
      result_bytes_(result_bytes) {}

ActionOutcome CallGroup::unknown_function(std::string_view name) const {
  std::string known;
  for (const ToolDefinition& tool : plan_->definitions) {
    known += known.empty() ? "" : ", ";
    known += tool.name;
  }
  return refusal("unknown_function", "There is no function \"" + std::string{name} +
                                         "\". The functions are: " + known + ".");
}

void CallGroup::record_intent(ExchangeCall& call, const json::object& arguments,
                              std::string_view run_key) const {
  call.key = call_key(run_key, recorder_.next());
  call.idempotent = is_idempotent(call.call);
  call.intended_at = clock_.now();
  call.intent = recorder_.add(intent_step(call, arguments));
}

std::int64_t CallGroup::intend(Exchange& exchange, std::string_view run_key) const {
  std::int64_t intents = 0;
  const bool cut = exchange.stop == StopReason::length;
  for (ExchangeCall& call : exchange.calls) {
    if (!cut && is_settling(call.call.name)) continue;
    const Result<json::object> arguments = read_arguments(call.call.arguments);
    record_intent(call, arguments ? *arguments : json::object{}, run_key);
    ++intents;
    if (cut) {
      conclude(call, cut_answer(), Duration{0});
    } else if (!plan_->by_name.contains(call.call.name)) {
      conclude(call, unknown_function(call.call.name), Duration{0});
    } else if (!arguments) {
      conclude(call, refusal("bad_arguments", arguments.error().message), Duration{0});
    }
  }
  return intents;
}

void CallGroup::refuse_settlement(Exchange& exchange, std::string_view run_key) const {
  for (ExchangeCall& call : exchange.calls) {
    if (call.intent != 0 || !is_settling(call.call.name)) continue;
    record_intent(call, read_arguments(call.call.arguments).value_or(json::object{}), run_key);
    conclude(call, refusal("not_settled", std::string{refused_settlement()}), Duration{0});
  }
}

bool CallGroup::is_idempotent(const ToolCall& call) const {
  const auto tool = plan_->by_name.find(call.name);
  if (tool == plan_->by_name.end()) return false;
  const auto arguments = read_arguments(call.arguments);
  return arguments && tool->second->is_idempotent(*arguments);
}

void CallGroup::resolve(Exchange& exchange) const {
  for (ExchangeCall& call : exchange.calls) {
    if (call.intent == 0 || call.done) continue;
    // What would be called now counts, too: the ability may have been changed since.
    if (call.idempotent && is_idempotent(call.call)) continue;
    conclude(call, unknown_outcome(), Duration{0});
  }
}

void CallGroup::cut_off(Exchange& exchange, Afterwards afterwards) const {
  for (ExchangeCall& call : exchange.calls) {
    if (call.intent == 0 || call.done) continue;
    if (afterwards == Afterwards::another_attempt && call.idempotent) continue;
    if (call.waits_until) {
      conclude(call, {.result = unawaited_result(), .is_error = true}, Duration{0});
    } else if (call.started) {
      conclude(call, unknown_outcome(), Duration{0});
    } else {
      conclude(call,
               refusal(not_made_error, "The server stopped before it made this call. Call again."),
               Duration{0});
    }
  }
}

void CallGroup::conclude(ExchangeCall& call, const ActionOutcome& outcome, Duration took) const {
  NewStep step = result_step(call.intent, outcome, took);
  // A run whose attempts are used up has no plan any more.
  if (plan_ && call.started) {
    const auto tool = plan_->by_name.find(call.call.name);
    if (tool != plan_->by_name.end()) step.action = tool->second->logged_as();
    if (step.action) step.action->failed = outcome.is_error;
  }
  recorder_.add(std::move(step));
  call.done = true;
  call.is_error = outcome.is_error;
  call.result = result_text(outcome.result, result_bytes_);
  if (outcome.settles) {
    call.settles = state_of(*outcome.settles);
    call.reason = outcome.reason;
  }
}

Task<Result<void>> CallGroup::make(Exchange* exchange, SteadyTime deadline) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < exchange->calls.size(); ++i) {
    if (exchange->calls[i].intent != 0 && !exchange->calls[i].done) open.push_back(i);
  }
  Making making{.exchange = *exchange, .deadline = deadline, .open = open.size()};
  const auto lost = fail(ErrorCode::lease_lost, "the lease was lost while calls were being made");
  if (open.empty()) co_return Result<void>{};
  if (open.size() == 1) {
    const bool recorded = co_await make_one(&making, open.front());
    if (!recorded) co_return lost;
    co_return Result<void>{};
  }
  const auto executor = co_await asio::this_coro::executor;
  using Call = decltype(asio::co_spawn(executor, make_one(&making, 0), asio::deferred));
  std::vector<Call> calls;
  calls.reserve(open.size());
  for (const std::size_t index : open) {
    calls.push_back(asio::co_spawn(executor, make_one(&making, index), asio::deferred));
  }
  const auto [order, failures, recorded] =
      co_await asio::experimental::make_parallel_group(std::move(calls))
          .async_wait(StopWhenUnrecorded{}, asio::use_awaitable);
  // In order of completion: the first failure is the cause of the others.
  for (const std::size_t index : order) {
    if (failures[index]) std::rethrow_exception(failures[index]);
    if (!recorded[index]) co_return lost;
  }
  co_return Result<void>{};
}

Task<bool> CallGroup::make_one(Making* making, std::size_t index) {
  const SteadyTime begin = clock_.steady_now();
  const ActionOutcome outcome = co_await outcome_of(making, index);
  if (outcome.waits_until) {
    making->exchange.calls[index].waits_until = outcome.waits_until;
    --making->open;
    co_return true;
  }
  conclude(making->exchange.calls[index], outcome, elapsed(begin, clock_.steady_now()));
  if (!outcome.model_calls.empty()) {
    recorder_.count({.model_calls = outcome.model_calls});
    std::ranges::copy(outcome.model_calls, std::back_inserter(model_calls_));
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  // Calls that end in the same turn of the loop share a commit.
  if (--making->open > 0) co_await asio::post(asio::use_awaitable);
  const Result<void> recorded = co_await recorder_.flush();
  co_return recorded.has_value();
}

Task<ActionOutcome> CallGroup::outcome_of(Making* making, std::size_t index) {
  ExchangeCall& call = making->exchange.calls[index];
  Result<json::object> arguments = read_arguments(call.call.arguments);
  const auto tool = plan_->by_name.find(call.call.name);
  if (tool == plan_->by_name.end() || !arguments) co_return unknown_function(call.call.name);
  ToolInput input{.arguments = std::move(*arguments),
                  .context = context_,
                  .key = call.key,
                  .intended_at = call.intended_at,
                  .deadline = making->deadline};
  call.started = true;
  std::string failure;
  std::optional<ActionOutcome> outcome;
  try {
    outcome = co_await tool->second->call(std::move(input));
  } catch (const StoreUnavailable&) {
    throw;  // what is not known to be kept has no outcome, and is done again with the same key
  } catch (const std::exception& error) {
    failure = error.what();
  }
  if (outcome && !outcome->is_error) co_return std::move(*outcome);
  // A call that was cut off has no outcome, whatever it says; who cancelled it decides what is
  // recorded.
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  if (outcome) co_return std::move(*outcome);
  log_.error("agent", "action failed",
             {{"tool", json::string{call.call.name}}, {"error", json::string{failure}}});
  constexpr std::string_view inside = "The function failed for a reason inside the server";
  if (call.idempotent) co_return refusal("internal", std::string{inside} + ".");
  // It may have reached the other side before.
  co_return ActionOutcome{
      .result = unknown_result(inside), .is_error = true, .outcome_unknown = true};
}

}  // namespace bellpull
