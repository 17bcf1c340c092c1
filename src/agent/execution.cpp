#include "agent/execution.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/cancellation_type.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "action/action.h"
#include "agent/call_group.h"
#include "agent/call_key.h"
#include "agent/context.h"
#include "agent/exchange.h"
#include "agent/history.h"
#include "agent/history_reader.h"
#include "agent/journal.h"
#include "agent/model_asking.h"
#include "agent/outside.h"
#include "agent/run_reader.h"
#include "agent/sender.h"
#include "agent/settling.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "llm/provider.h"
#include "store/run_records.h"

namespace bellpull {

namespace json = boost::json;

namespace {

std::int64_t count_calls(const ModelAnswer& answer) {
  return std::ranges::count_if(answer.calls,
                               [](const ToolCall& call) { return !is_settling(call.name); });
}

std::optional<ContactId> contact_of(const json::object& opening) {
  const json::value* const contact = opening.if_contains("contact");
  if (contact == nullptr || !contact->is_object()) return std::nullopt;
  const json::value* const id = contact->get_object().if_contains("id");
  if (id == nullptr || !id->is_string()) return std::nullopt;
  return ContactId::parse(id->get_string());
}

}  // namespace

Execution::Execution(const ExecutionServices& services, ClaimedRun claimed)
    : services_(services),
      deadline_(services.clock.steady_now() + services.limits.wall_time),
      claimed_(std::move(claimed)),
      recorder_(services.store, services.clock, claimed_.lease, claimed_.run.steps),
      calls_(plan_, context_, recorder_, services.clock, services.log,
             services.limits.result_bytes) {
  spent_.model_calls = claimed_.run.model_calls;
  spent_.action_calls = claimed_.run.action_calls;
  spent_.tokens = claimed_.run.input_tokens + claimed_.run.output_tokens;
}

void Execution::interrupt(Interruption why) {
  if (interruption_ != Interruption::none) return;
  interruption_ = why;
  cancel_.emit(boost::asio::cancellation_type::terminal);
}

Task<Execution::Ended> Execution::attempt() {
  RecordedRun recorded;
  if (claimed_.event) {
    event_ = std::move(*claimed_.event);
  } else {
    RunReader reader{services_.store, services_.limits.result_bytes};
    Result<RunSoFar> so_far = co_await reader.read(claimed_.lease);
    if (!so_far) co_return std::unexpected(so_far.error());
    event_ = std::move(so_far->event);
    recorded = std::move(so_far->recorded);
  }
  opened_ = recorded.opened;
  if (!recorded.exchanges.empty() && recorded.exchanges.back().nudge.empty()) {
    // The last answer may still have open calls, or a consequence that was not recorded.
    exchange_ = std::make_unique<Exchange>(std::move(recorded.exchanges.back()));
    recorded.exchanges.pop_back();
  }
  if (claimed_.run.attempt > services_.retry.attempts) {
    // Attempts that a crash ends leave no failure behind; this stops a run that causes the crashes,
    // be it by what its plan is made of.
    co_return co_await end(attempts_used_up());
  }
  plan_ = co_await services_.plans.plan_of(claimed_.run.trigger);
  if (const auto& problem = plan_->problem; problem) co_return co_await end(*problem);
  run_key_ = run_key(plan_->trigger, claimed_.run.id);
  const Result<void> begun = co_await begin(std::move(recorded));
  if (!begun) co_return std::unexpected(begun.error());
  co_return co_await go_round();
}

Task<Result<void>> Execution::begin(RecordedRun recorded) {
  const Result<std::int64_t> first_message = co_await meet(&recorded);
  if (!first_message) co_return std::unexpected(first_message.error());
  context_ = {.account = plan_->account,
              .trigger = plan_->trigger,
              .bot = plan_->bot,
              .run = claimed_.run.id,
              .conversation = claimed_.run.conversation,
              .contact = contact_of(recorded.opening),
              .from_anybody = is_from_anybody(event_, *plan_),
              .blueprint = plan_->blueprint,
              .hops = event_.hops};
  History history;
  if (claimed_.run.conversation) {
    HistoryReader reader{services_.store, services_.limits.history_bytes};
    history = co_await reader.before(claimed_.run.conversation->key, *first_message);
  }
  turns_ = opening_turns(*plan_, std::move(history), recorded.opening, event_);
  // The turns hold the body now, so that a waiting run keeps it once.
  event_ = {};
  spent_.nudges = recorded.nudges;
  for (Exchange& exchange : recorded.exchanges) add_exchange(turns_, std::move(exchange));
  if (exchange_) calls_.resolve(*exchange_);
  co_return Result<void>{};
}

// The pointer is to begin()'s own variable, which lives until this returns.
Task<Result<std::int64_t>> Execution::meet(RecordedRun* recorded) {
  if (recorded->opened) co_return claimed_.run.first_message;
  recorded->opening =
      opened_content(plan_->trigger_details, plan_->timezone, services_.clock.now());
  OpenRun open{.trigger = plan_->trigger,
               .trigger_name = plan_->trigger_name,
               .trigger_description = plan_->trigger_description,
               .bot = plan_->bot,
               .blueprint = plan_->blueprint,
               .session_lifetime = plan_->session_lifetime,
               .step = opened_step(recorded->opening)};
  const Result<OpenedRun> met = co_await recorder_.open(std::move(open));
  if (!met) co_return std::unexpected(met.error());
  opened_ = true;
  claimed_.run.conversation = met->conversation;
  if (const auto& contact = met->contact; contact) {
    recorded->opening = with_contact(std::move(recorded->opening), *contact);
  }
  co_return met->first_message;
}

Task<Execution::Ended> Execution::go_round() {
  while (true) {
    if (exchange_) {
      Result<std::optional<Ending>> ending = co_await conclude_exchange();
      if (!ending) co_return std::unexpected(ending.error());
      if (const auto& settled = *ending; settled) co_return co_await end(*settled);
      if (const auto time = waits_until(*exchange_)) co_return co_await wait_until(*time);
      add_exchange(turns_, std::move(*exchange_));
      exchange_.reset();
    }
    if (auto reached = bound()) co_return co_await end(std::move(*reached));
    // All that the next answer follows from is committed before it is asked for.
    const Result<void> flushed = co_await recorder_.flush();
    if (!flushed) co_return std::unexpected(flushed.error());
    const SteadyTime begin = services_.clock.steady_now();
    AskedModel asked = co_await ask();
    auto& answer = asked.answer;
    for (const Failure& failure : asked.passed) recorder_.add(failure_step(failure.message));
    if (!answer) co_return co_await fail_attempt(std::move(answer.error()));
    keep(asked, std::chrono::duration_cast<Duration>(services_.clock.steady_now() - begin));
    if (spent_.action_calls + count_calls(*answer) > services_.limits.calls) {
      co_return co_await end(too_many_calls());
    }
    exchange_ = std::make_unique<Exchange>(exchange_of(std::move(*answer)));
    const std::int64_t calls = calls_.intend(*exchange_, run_key_);
    spent_.action_calls += calls;
    recorder_.count({.action_calls = calls});
  }
}

void Execution::keep(const AskedModel& asked, Duration took) {
  const ModelAnswer& answer = *asked.answer;
  recorder_.add(model_step(answer, took));
  recorder_.count({.model_calls = {{.model = asked.by->full_name,
                                    .input_tokens = answer.usage.input,
                                    .cached_tokens = answer.usage.cached_input,
                                    .output_tokens = answer.usage.output}}});
  ++spent_.model_calls;
  spent_.tokens += answer.usage.input + answer.usage.output;
}

Task<Result<void>> Execution::make_calls(Exchange* exchange) {
  const Outside::Stay stay{services_.outside};
  const Result<void> made = co_await calls_.make(exchange, deadline_);
  for (const ModelUse& use : calls_.take_model_calls()) {
    ++spent_.model_calls;
    spent_.tokens += use.input_tokens + use.output_tokens;
  }
  co_return made;
}

Task<Result<std::optional<Ending>>> Execution::conclude_exchange() {
  Exchange& exchange = *exchange_;
  if (has_open_calls(exchange)) {
    if (services_.clock.steady_now() >= deadline_) co_return timed_out();
    const Result<void> intended = co_await recorder_.flush();
    if (!intended) co_return std::unexpected(intended.error());
    const Result<void> made = co_await make_calls(&exchange);
    if (!made) co_return std::unexpected(made.error());
    // Else nothing is decided before all calls have a result.
    if (const ExchangeCall* const failed = failed_while_others_wait(exchange)) {
      co_return Ending{RunState::failed, failed->reason};
    }
    if (has_open_calls(exchange)) co_return std::optional<Ending>{};
  }
  if (auto ending = settlement_of(exchange)) co_return ending;
  calls_.refuse_settlement(exchange, run_key_);
  if (exchange.calls.empty()) {
    exchange.nudge = nudge_after(exchange);
    recorder_.add(nudge_step(exchange.nudge));
    ++spent_.nudges;
  }
  co_return std::optional<Ending>{};
}

std::optional<Ending> Execution::bound() const {
  if (services_.clock.steady_now() >= deadline_) return timed_out();
  return bound_reached(services_.limits, spent_);
}

Task<AskedModel> Execution::ask() {
  ModelRequest request{.turns = turns_, .tools = plan_->definitions, .deadline = deadline_};
  const Outside::Stay stay{services_.outside};
  co_return co_await ask_model(&plan_->model, std::move(request), &services_.clock);
}

}  // namespace bellpull
