#include "worker/worker.h"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/string.hpp>
#include <boost/system/error_code.hpp>

#include "agent/agent.h"
#include "agent/execution.h"
#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "queue/run_queue.h"
#include "store/run_records.h"
#include "store/store.h"

namespace bellpull {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

void log_failure(Log& log, const std::exception_ptr& failure) {
  std::string what = "unknown exception";
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {  // NOLINT(bugprone-empty-catch): `what` says so already
  }
  log.error("worker", "task failed", {{"error", json::string{what}}});
}

}  // namespace

Worker::Worker(asio::any_io_executor executor, RunQueue& queue, Store& store, Agent& agent,
               const Clock& clock, WorkerSettings settings, Log& log)
    : executor_(std::move(executor)),
      queue_(queue),
      store_(store),
      agent_(agent),
      clock_(clock),
      settings_(settings),
      log_(log),
      lease_timer_(executor_),
      pause_timer_(executor_),
      grace_timer_(executor_),
      tasks_(executor_, [&log](const std::exception_ptr& failure) { log_failure(log, failure); }) {}

void Worker::start() {
  started_ = true;
  queue_.on_ready([this] { take_runs(); });
  agent_.outside().on_leave([this] {
    if (!std::exchange(held_back_, false)) return;
    asio::post(executor_, [this] { take_runs(); });
  });
  take_runs();
}

void Worker::take_runs() {
  while (started_ && !stopping_ && !paused_ && running_ < settings_.max_running) {
    if (running_ - agent_.outside().count() >= settings_.max_busy) {
      held_back_ = true;
      return;
    }
    const std::optional<PendingRun> run = queue_.take();
    if (!run) return;
    ++running_;
    counts_.running = static_cast<std::int64_t>(running_);
    tasks_.start(run_one(*run));
  }
}

Task<void> Worker::run_one(PendingRun pending) {
  std::optional<Lease> broken;
  try {
    std::optional<ClaimedRun> claimed = co_await claim(pending);
    if (claimed) {
      const Lease lease = claimed->lease;
      broken = lease;
      if (stopping_) {
        co_await hand_back(lease);
      } else {
        co_await execute(std::move(*claimed));
      }
    }
    broken.reset();
  } catch (...) {
    log_failure(log_, std::current_exception());
    held_.erase(pending.run);
  }
  if (broken) {
    const Lease lease = *broken;
    co_await release(lease);
  }
  --running_;
  counts_.running = static_cast<std::int64_t>(running_);
  if (stopping_ && running_ == 0) grace_timer_.cancel();
  take_runs();
}

Task<std::optional<ClaimedRun>> Worker::claim(PendingRun pending) {
  const TimePoint now = clock_.now();
  const Claim claim{.run = pending.run, .now = now, .expires_at = now + settings_.lease};
  try {
    Result<ClaimedRun> claimed = co_await store_.claim(claim);
    if (claimed) co_return std::move(*claimed);
    // It was canceled meanwhile, or is held elsewhere.
    queue_.forget(pending);
    log_.debug("worker", "run not leased", {{"run", json::string{pending.run.text()}}});
    co_return std::nullopt;
  } catch (const StoreUnavailable& unavailable) {
    log_.warning("worker", "store takes no writes", {{"error", unavailable.what()}});
  }
  pause();
  queue_.put_back(pending);
  co_return std::nullopt;
}

// A store that refuses is asked again after a while, not at once.
void Worker::pause() {
  if (paused_) return;
  paused_ = true;
  pause_timer_.expires_after(settings_.pause);
  pause_timer_.async_wait([this](const boost::system::error_code& ended) {
    if (ended) return;
    paused_ = false;
    take_runs();
  });
}

Task<void> Worker::execute(ClaimedRun claimed) {
  const RunId run = claimed.lease.run;
  const std::int64_t lease_number = claimed.lease.number;
  const Lease lease = claimed.lease;
  held_.insert_or_assign(run, Held{claimed.lease, clock_.steady_now()});
  ++counts_.claimed;
  watch_leases();
  const std::optional<RunState> left = co_await agent_.execute(std::move(claimed));
  // A later lease of the same run may have taken the place.
  const auto held = held_.find(run);
  if (held != held_.end() && held->second.lease.number == lease_number) held_.erase(held);
  if (held_.empty()) lease_timer_.cancel();
  if (left) {
    ++counts_.attempts.at(static_cast<std::size_t>(*left));
  } else {
    ++counts_.dropped;
    co_await release(lease);
  }
}

// After an attempt that could record no end, because the store could not be read or written: the
// run would look running for ever. A lease that was lost has nothing to release.
Task<void> Worker::release(Lease lease) {
  while (true) {
    try {
      // Not the run's fault, so the attempt does not count; and not at once, or it would spin.
      FinishRun finish{.lease = lease, .now = clock_.now(), .state = RunState::retrying};
      finish.due_at = finish.now + settings_.pause;
      finish.counts_attempt = false;
      static_cast<void>(co_await store_.finish(std::move(finish)));
      co_return;
    } catch (const StoreUnavailable& unavailable) {
      log_.warning("worker", "store takes no writes", {{"error", unavailable.what()}});
    }
    if (stopping_) co_return;  // the next start queues it again
    asio::steady_timer timer{executor_, settings_.pause};
    boost::system::error_code ended;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  }
}

// For a run that was leased when the stop began.
Task<void> Worker::hand_back(Lease lease) {
  FinishRun finish{.lease = lease, .now = clock_.now(), .state = RunState::queued};
  finish.counts_attempt = false;
  const Result<void> finished = co_await store_.finish(std::move(finish));
  if (finished) ++counts_.attempts.at(static_cast<std::size_t>(RunState::queued));
}

Task<void> Worker::stop(Duration grace) {
  stopping_ = true;
  pause_timer_.cancel();
  if (running_ > 0 && grace > Duration{0}) {
    grace_timer_.expires_after(grace);
    boost::system::error_code ended;
    co_await grace_timer_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  }
  if (running_ > 0) {
    log_.info("worker", "runs cut off", {{"runs", static_cast<std::int64_t>(running_)}});
    agent_.interrupt_all(Interruption::cut_off);
  }
  // Renewals end by themselves: each is one commit.
  co_await tasks_.join();
  lease_timer_.cancel();
}

void Worker::hurry() { grace_timer_.cancel(); }

}  // namespace bellpull
