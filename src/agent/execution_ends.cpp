// How an attempt ends, and what is recorded of it.
#include <exception>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/string.hpp>
#include <boost/system/system_error.hpp>

#include "agent/call_group.h"
#include "agent/execution.h"
#include "agent/journal.h"
#include "agent/settling.h"
#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/run.h"
#include "llm/provider.h"
#include "queue/retry.h"
#include "store/run_records.h"
#include "store/store.h"

namespace bellpull {

namespace asio = boost::asio;
namespace json = boost::json;
namespace this_coro = boost::asio::this_coro;

Task<std::optional<RunState>> Execution::run() {
  // The attempt has a cancellation of its own, so that what is recorded after it is not cancelled.
  auto outer = co_await this_coro::cancellation_state;
  auto slot = outer.slot();
  if (slot.is_connected()) {
    slot.assign([this](asio::cancellation_type_t) { interrupt(Interruption::cut_off); });
  }
  Ended ended = fail(ErrorCode::lease_lost, "the attempt recorded no end");
  std::exception_ptr broken;
  try {
    const auto executor = co_await this_coro::executor;
    ended = co_await asio::co_spawn(
        executor, attempt(), asio::bind_cancellation_slot(cancel_.slot(), asio::use_awaitable));
  } catch (...) {
    broken = std::current_exception();
  }
  if (slot.is_connected()) slot.clear();
  co_await this_coro::reset_cancellation_state(asio::disable_cancellation());
  try {
    if (broken) ended = co_await conclude_broken(broken);
  } catch (const StoreUnavailable& unavailable) {
    ended = fail(ErrorCode::unavailable, unavailable.what());
  }
  if (!ended) {
    services_.log.info("agent", "attempt dropped",
                       {{"run", json::string{claimed_.lease.run.text()}},
                        {"why", json::string{ended.error().message}}});
    co_return std::nullopt;
  }
  co_return *ended;
}

Task<Execution::Ended> Execution::conclude_broken(std::exception_ptr failure) {
  if (interruption_ == Interruption::dropped) {
    co_return fail(ErrorCode::lease_lost, "the run was canceled or is executed elsewhere");
  }
  std::string what = "unknown exception";
  bool cancelled = false;
  try {
    std::rethrow_exception(failure);
  } catch (const StoreUnavailable&) {
    throw;
  } catch (const boost::system::system_error& error) {
    cancelled = error.code() == asio::error::operation_aborted;
    what = error.code().message();  // what() names the source
  } catch (const std::exception& error) {
    what = error.what();
  }
  if (interruption_ == Interruption::overdue) co_return co_await end(timed_out());
  if (interruption_ == Interruption::cut_off || cancelled) co_return co_await hand_back();
  services_.log.error(
      "agent", "attempt failed inside the server",
      {{"run", json::string{claimed_.lease.run.text()}}, {"error", json::string{what}}});
  Failure inside{.failure_class = FailureClass::retryable,
                 .cause = "internal",
                 .message = "Failure inside the server: " + what};
  co_return co_await fail_attempt(std::move(inside));
}

Task<Execution::Ended> Execution::end(Ending ending) {
  if (exchange_) calls_.cut_off(*exchange_, CallGroup::Afterwards::the_end);
  recorder_.add(settled_step(ending, opened_ ? Shown::in_conversation : Shown::nowhere));
  FinishRun last{.state = ending.state};
  last.reason = std::move(ending.reason);
  last.error_message = std::move(ending.error_message);
  co_return co_await finish(std::move(last));
}

Task<Execution::Ended> Execution::fail_attempt(Failure failure) {
  // A provider that ran out of the run's time did not fail.
  if (services_.clock.steady_now() >= deadline_) {
    Ending late = timed_out();
    late.error_message = std::move(failure.message);
    co_return co_await end(std::move(late));
  }
  services_.log.warning("agent", "attempt failed",
                        {{"run", json::string{claimed_.lease.run.text()}},
                         {"attempt", claimed_.run.attempt},
                         {"cause", json::string{failure.cause}},
                         {"error", json::string{failure.message}}});
  recorder_.add(failure_step(failure.message));
  std::optional<Duration> delay;
  if (failure.failure_class == FailureClass::retryable) {
    delay =
        retry_delay(services_.retry, claimed_.run.attempt, failure.retry_after, services_.random);
  }
  if (!delay) {
    Ending dead{RunState::dead, std::move(failure.cause), std::move(failure.message)};
    co_return co_await end(std::move(dead));
  }
  FinishRun last{.state = RunState::retrying};
  last.reason = std::move(failure.cause);
  last.error_message = std::move(failure.message);
  last.due_at = services_.clock.now() + *delay;
  co_return co_await finish(std::move(last));
}

Task<Execution::Ended> Execution::hand_back() {
  if (exchange_) calls_.cut_off(*exchange_, CallGroup::Afterwards::another_attempt);
  FinishRun last{.state = RunState::queued};
  last.counts_attempt = false;
  co_return co_await finish(std::move(last));
}

Task<Execution::Ended> Execution::wait_until(TimePoint time) {
  FinishRun last{.state = RunState::waiting};
  last.due_at = time;
  last.counts_attempt = false;
  co_return co_await finish(std::move(last));
}

Task<Execution::Ended> Execution::finish(FinishRun finish) {
  const RunState state = finish.state;
  const Result<void> finished = co_await recorder_.finish(std::move(finish));
  if (!finished) co_return std::unexpected(finished.error());
  co_return state;
}

}  // namespace bellpull
