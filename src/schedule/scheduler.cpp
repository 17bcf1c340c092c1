#include "schedule/scheduler.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "schedule/clock_watch.h"
#include "schedule/firing.h"
#include "store/occurrences.h"
#include "store/run_records.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

bool is_failure(RunState state) {
  return state == RunState::failed || state == RunState::incomplete || state == RunState::dead;
}

}  // namespace

Scheduler::Scheduler(asio::any_io_executor executor, Store& store, const Clock& clock,
                     SchedulerSettings settings, Log& log)
    : executor_(std::move(executor)),
      store_(store),
      clock_(clock),
      settings_(settings),
      log_(log),
      timer_(executor_),
      pause_timer_(executor_),
      clock_watch_(executor_, [this] { look(); }),
      tasks_(executor_, [this](const std::exception_ptr& failure) { task_failed(failure); }) {}

void Scheduler::start() {
  clock_watch_.start();
  load_anew();
}

Task<void> Scheduler::stop() {
  stopping_ = true;
  timer_.cancel();
  pause_timer_.cancel();
  clock_watch_.stop();
  tasks_.stop();
  co_await tasks_.join();
}

// What is known ------------------------------------------------------------------------------

void Scheduler::load_anew() {
  due_.clear();
  told_while_loading_.clear();
  loading_ = true;
  tasks_.start(load(++generation_));
}

Task<void> Scheduler::load(std::uint64_t generation) {
  NextTime last;
  for (;;) {
    const std::vector<NextTime> times =
        co_await store_.read([last, limit = settings_.read_at_once](const Transaction& snapshot) {
          return snapshot.occurrences().next_times(last, limit);
        });
    if (generation != generation_) co_return;  // begun anew meanwhile
    for (const NextTime& next : times) {
      // What was told since the reading began is newer than what is read.
      if (!told_while_loading_.contains(next.trigger)) learn(next);
    }
    if (static_cast<std::int64_t>(times.size()) < settings_.read_at_once) break;
    last = times.back();
    look();
  }
  loading_ = false;
  told_while_loading_.clear();
  log_.debug("schedule", "ready", {{"triggers", due_.size()}});
  look();
}

void Scheduler::learn(const NextTime& next) {
  if (next.fires_at) {
    due_.set(next.trigger, *next.fires_at);
  } else {
    due_.remove(next.trigger);
  }
}

void Scheduler::next_times_changed(std::span<const NextTime> times) {
  bool was_empty = false;
  {
    const std::scoped_lock lock{mutex_};
    was_empty = told_.empty() && failed_.empty();
    told_.insert(told_.end(), times.begin(), times.end());
  }
  if (was_empty) asio::post(executor_, [this] { receive(); });
}

// Most runs do not fail, and only the triggers that have a schedule are looked at for it.
void Scheduler::runs_changed(std::span<const RunChange> changes) {
  if (std::ranges::none_of(changes,
                           [](const RunChange& one) { return is_failure(one.run.state); })) {
    return;
  }
  bool was_empty = false;
  {
    const std::scoped_lock lock{mutex_};
    was_empty = told_.empty() && failed_.empty();
    for (const RunChange& change : changes) {
      if (is_failure(change.run.state)) failed_.push_back(change.run.trigger);
    }
  }
  if (was_empty) asio::post(executor_, [this] { receive(); });
}

void Scheduler::trigger_changed(TriggerKey /*trigger*/) {}
void Scheduler::configuration_changed(AccountKey /*account*/) {}

void Scheduler::reopened() {
  asio::post(executor_, [this] {
    if (!stopping_) load_anew();
  });
}

void Scheduler::receive() {
  std::vector<NextTime> told;
  std::vector<TriggerKey> failed;
  {
    const std::scoped_lock lock{mutex_};
    told.swap(told_);
    failed.swap(failed_);
  }
  for (const NextTime& next : told) {
    if (loading_) told_while_loading_.insert(next.trigger);
    learn(next);
  }
  std::ranges::sort(failed, {}, &TriggerKey::value);
  const auto repeated = std::ranges::unique(failed);
  failed.erase(repeated.begin(), repeated.end());
  for (const TriggerKey trigger : failed) {
    if (due_.has(trigger)) tasks_.start(look_at_failures(trigger));
  }
  look();
}

// When to look -------------------------------------------------------------------------------

void Scheduler::look() {
  counts_.scheduled = static_cast<std::int64_t>(due_.size());
  if (paused_ || stopping_) return;
  const TimePoint now = clock_.now();
  while (firing_ < settings_.batches) {
    std::vector<TriggerKey> due = due_.take_due(now, settings_.batch);
    if (due.empty()) break;
    ++firing_;
    tasks_.start(fire(std::move(due), now));
  }
  arm();
}

void Scheduler::arm() {
  const auto earliest = due_.earliest();
  // With all batches on their way, the end of one looks again.
  if (!earliest || firing_ >= settings_.batches) return;
  const Duration wait = std::clamp(*earliest - clock_.now(), Duration{0}, settings_.longest_sleep);
  timer_.expires_after(wait);
  timer_.async_wait([this](boost::system::error_code canceled) {
    if (!canceled) look();
  });
}

void Scheduler::pause() {
  if (paused_) return;
  paused_ = true;
  pause_timer_.expires_after(settings_.pause);
  pause_timer_.async_wait([this](boost::system::error_code canceled) {
    paused_ = false;
    if (canceled) return;
    if (loading_) load_anew();
    look();
  });
}

// What reads the store could not; it is read anew after a pause.
void Scheduler::task_failed(const std::exception_ptr& failure) {
  if (stopping_ || paused_) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    log_.warning("schedule", "put off", {{"error", error.what()}});
  }
  pause();
}

// What is due --------------------------------------------------------------------------------

Task<void> Scheduler::fire(std::vector<TriggerKey> due, TimePoint now) {
  const std::uint64_t generation = generation_;
  std::vector<TriggerKey> again = due;
  std::exception_ptr failure;
  try {
    again = co_await decide_and_keep(std::move(due), now);
  } catch (...) {
    failure = std::current_exception();
  }
  --firing_;
  if (failure) task_failed(failure);
  // Their rows say when they fire; here they are only to be looked at, unless they were told of.
  if (generation == generation_) {
    for (const TriggerKey trigger : again) {
      if (!due_.has(trigger)) due_.set(trigger, now);
    }
  }
  look();
}

Task<std::vector<TriggerKey>> Scheduler::decide_and_keep(std::vector<TriggerKey> due,
                                                         TimePoint now) {
  std::vector<ScheduledTrigger> read = co_await store_.read([&due](const Transaction& snapshot) {
    std::vector<ScheduledTrigger> found;
    for (const TriggerKey trigger : due) {
      if (auto one = read_scheduled(snapshot, trigger)) found.push_back(std::move(*one));
    }
    return found;
  });

  std::vector<Firing> firings;
  for (const ScheduledTrigger& one : read) {
    const auto fires_at = one.trigger.next_trigger_at;
    if (fires_at && *fires_at > now) {
      // It was moved, or what was told of it is newer.
      if (!due_.has(one.trigger.id.key)) learn({one.trigger.id.key, fires_at});
    } else {
      firings.push_back(decide_firing(one, now, settings_.occurrences));
    }
  }
  std::vector<TriggerKey> stale;
  if (firings.empty()) co_return stale;

  const auto kept = co_await store_.transact([&](Transaction& rows) -> Result<std::vector<Fired>> {
    std::vector<Fired> all;
    all.reserve(firings.size());
    for (const Firing& firing : firings) all.push_back(keep_firing(rows, firing, clock_.now()));
    return all;
  });
  if (!kept) co_return due;
  for (std::size_t i = 0; i < kept->size(); ++i) {
    count((*kept)[i]);
    if ((*kept)[i].was_stale) stale.push_back(firings[i].trigger.id.key);
  }
  co_return stale;
}

void Scheduler::count(const Fired& fired) {
  counts_.fired += fired.fired;
  counts_.overlapped += fired.overlapped;
  counts_.missed += fired.missed;
  counts_.late_ms += fired.late.count();
}

Task<void> Scheduler::look_at_failures(TriggerKey trigger) {
  const auto read = co_await store_.read(
      [trigger](const Transaction& snapshot) { return read_scheduled(snapshot, trigger); });
  if (!read) co_return;
  const auto halt = halt_after_failures(*read);
  if (!halt) co_return;
  const Firing firing{.trigger = read->trigger, .halt = halt, .plan = {}};
  static_cast<void>(co_await store_.transact([&](Transaction& rows) -> Result<void> {
    keep_firing(rows, firing, clock_.now());
    return {};
  }));
}

}  // namespace bellpull
