#include "action/ability_bench.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <exception>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/system/error_code.hpp>

#include "action/ability.h"
#include "action/action.h"
#include "action/call_input.h"
#include "action/outcome.h"
#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/transcript.h"
#include "store/store.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

// For a call that keeps its deadline by itself, and says more about it than that it was cut off.
constexpr Duration deadline_slack = std::chrono::seconds{1};

std::string what_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown exception";
  }
}

bool is_unavailable(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const StoreUnavailable&) {
    return true;
  } catch (...) {
    return false;
  }
}

ActionOutcome unknown(std::string_view why) {
  return {.result = unknown_result(why), .is_error = true, .outcome_unknown = true};
}

// A run would wait; nobody waits for days at a bench.
ActionOutcome told_to_wait(TimePoint until) {
  boost::json::object result;
  result["waitsUntil"] = to_iso(until);
  result["message"] = "A run waits here, and goes on then. A call by hand ends.";
  return {.result = std::move(result)};
}

}  // namespace

// What a trial and its call have in common. It lives until both are over.
struct AbilityBench::Shared {
  Shared(std::unique_ptr<Place> taken, const asio::any_io_executor& asker,
         const asio::any_io_executor& worker)
      : news(asker), place(std::move(taken)), limit(worker) {}

  // The asker's:
  asio::steady_timer news;
  bool has_news = false;
  std::optional<Begun> begun;
  std::optional<Result<Tried>> ended;
  // The worker's:
  std::unique_ptr<Place> place;  // until the call has ended
  asio::steady_timer limit;      // of the call's time; cancelled when nobody waits any more
  bool is_abandoned = false;

  // Changes what the asker sees, and wakes it.
  template <class Change>
  static void tell(const SharedTrial& trial, Change change) {
    asio::post(trial->news.get_executor(), [trial, change = std::move(change)]() mutable {
      change(*trial);
      trial->has_news = true;
      trial->news.cancel();
    });
  }
};

AbilityBench::AbilityBench(asio::any_io_executor executor, const Clock& clock, Log& log,
                           Bounds bounds)
    : executor_(std::move(executor)),
      clock_(clock),
      log_(log),
      bounds_(bounds),
      tasks_(executor_,
             [this](const std::exception_ptr& failure) {
               log_.error("action", "a call by hand failed, or could not be recorded",
                          {{"error", boost::json::string{what_of(failure)}}});
             }),
      grace_(executor_) {}

AbilityBench::~AbilityBench() = default;

std::unique_ptr<AbilityBench::Place> AbilityBench::enter(AccountKey account) {
  const std::scoped_lock lock{mutex_};
  std::size_t& count = under_way_[account];
  if (count >= bounds_.of_one_account) return nullptr;
  ++count;
  return std::make_unique<Place>(*this, account);
}

void AbilityBench::leave(AccountKey account) {
  const std::scoped_lock lock{mutex_};
  const auto found = under_way_.find(account);
  if (--found->second == 0) under_way_.erase(found);
}

// NOLINTNEXTLINE(bugprone-exception-escape): without memory for it, the server ends
AbilityBench::Trial::~Trial() {
  if (shared_->ended) return;
  asio::post(shared_->limit.get_executor(), [shared = shared_] {
    shared->is_abandoned = true;
    shared->limit.cancel();
  });
}

Task<void> AbilityBench::Trial::wait(Duration at_most) {
  if (!shared_->has_news) {
    shared_->news.expires_after(at_most);
    boost::system::error_code woken;
    co_await shared_->news.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  shared_->has_news = false;
}

const AbilityBench::Begun* AbilityBench::Trial::begun() const {
  const std::optional<Begun>& begun = shared_->begun;
  return begun ? &*begun : nullptr;
}

const Result<AbilityBench::Tried>* AbilityBench::Trial::ended() const {
  const std::optional<Result<Tried>>& ended = shared_->ended;
  return ended ? &*ended : nullptr;
}

std::unique_ptr<AbilityBench::Trial> AbilityBench::start(std::unique_ptr<Place> place,
                                                         Wanted wanted,
                                                         const asio::any_io_executor& executor) {
  const auto shared = std::make_shared<Shared>(std::move(place), executor, executor_);
  asio::post(executor_, [this, shared, wanted = std::move(wanted)]() mutable {
    if (!is_closed_) return tasks_.start(run(shared, std::move(wanted)));
    Shared::tell(shared, [](Shared& trial) {
      trial.ended = fail(ErrorCode::unavailable, "The server is stopping: nothing was done");
    });
  });
  return std::make_unique<Trial>(shared);
}

void AbilityBench::close(Duration grace) {
  is_closed_ = true;
  grace_.expires_after(grace);
  grace_.async_wait([this](const boost::system::error_code& canceled) {
    if (!canceled) tasks_.stop();
  });
}

Task<void> AbilityBench::join() {
  co_await tasks_.join();
  grace_.cancel();
}

Task<void> AbilityBench::run(SharedTrial trial, Wanted wanted) {
  Result<Tried> tried = fail(ErrorCode::unavailable, "Service unavailable");
  std::exception_ptr broken;
  try {
    tried = co_await try_out(trial, &wanted);
    // What was done is recorded, whoever stopped it.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    if (tried && tried->call) co_await wanted.record(*tried);
  } catch (...) {
    broken = std::current_exception();
  }
  trial->place.reset();
  Shared::tell(trial, [tried = std::move(tried)](Shared& shared) mutable {
    shared.ended = std::move(tried);
  });
  if (broken) std::rethrow_exception(broken);
}

// The pointer is to run()'s own variable, which lives until this returns.
Task<Result<AbilityBench::Tried>> AbilityBench::try_out(SharedTrial trial, const Wanted* wanted) {
  std::vector<AbilityText> texts{wanted->text};
  if (!services_)
    co_return fail(ErrorCode::unavailable, "The server is starting: nothing was done");
  const AbilityFunctions made = make_abilities(std::move(texts), *services_);
  Tried tried;
  if (made.usable.empty()) {
    tried.outcome = error_outcome(
        "The ability has no name that a function can be called by: name it with letters or digits");
    co_return tried;
  }
  const AbilityFunction& function = made.usable.front();
  auto arguments = read_call_input(wanted->input, function.tool().parameters);
  if (!arguments) {
    tried.outcome = error_outcome(arguments.error().message);
    co_return tried;
  }
  Begun begun{function.tool().name, *arguments};
  tried.call = begun;
  tried.action = function.action();
  Shared::tell(trial, [begun](Shared& shared) mutable { shared.begun = std::move(begun); });
  AbilityCall call{.arguments = std::move(*arguments),
                   .context = wanted->context,
                   .idempotency_key = wanted->idempotency_key,
                   .intended_at = clock_.now(),
                   .deadline = clock_.steady_now() + bounds_.longest};
  co_return co_await this->call(trial, &function, &begun, std::move(tried), std::move(call));
}

Task<Result<AbilityBench::Tried>> AbilityBench::call(SharedTrial trial,
                                                     const AbilityFunction* function,
                                                     const Begun* begun, Tried tried,
                                                     AbilityCall call) {
  const SteadyTime begin = clock_.steady_now();
  trial->limit.expires_after(trial->is_abandoned ? Duration{0} : bounds_.longest + deadline_slack);
  auto both = asio::experimental::make_parallel_group(
      asio::co_spawn(executor_, function->execute(std::move(call)), asio::deferred),
      trial->limit.async_wait(asio::deferred));
  auto [order, failure, outcome, limit] =
      co_await std::move(both).async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  tried.took = std::chrono::duration_cast<Duration>(clock_.steady_now() - begin);
  if (!failure && !outcome.is_error) {
    const auto until = outcome.waits_until;
    tried.outcome = until ? told_to_wait(*until) : std::move(outcome);
    co_return tried;
  }
  const bool harmless = function->is_idempotent(begun->arguments);
  // A call that was cut off has no outcome, whatever it says.
  const bool is_cut = order[0] == 1 || tasks_.stopping();
  if (is_cut) {
    const std::string_view why = tasks_.stopping()     ? "The server stopped during this call"
                                 : trial->is_abandoned ? "Nobody waited for this call any more"
                                                       : "This call took too long and was cut off";
    tried.outcome = harmless ? error_outcome(why) : unknown(why);
  } else if (!failure) {
    tried.outcome = std::move(outcome);
  } else if (harmless && is_unavailable(failure)) {
    co_return fail(ErrorCode::unavailable, "Service unavailable");
  } else {
    log_.error("action", "action failed",
               {{"tool", boost::json::string{begun->function}},
                {"error", boost::json::string{what_of(failure)}}});
    constexpr std::string_view inside = "The call failed for a reason inside the server";
    tried.outcome = harmless ? error_outcome(inside) : unknown(inside);
  }
  co_return tried;
}

}  // namespace bellpull
