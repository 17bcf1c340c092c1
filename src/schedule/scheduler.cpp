#include "schedule/scheduler.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "schedule/catch_up.h"
#include "schedule/firing.h"
#include "schedule/renewal.h"
#include "store/occurrences.h"
#include "store/run_records.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

bool is_failure(RunState state) {
  return state == RunState::failed || state == RunState::incomplete || state == RunState::dead;
}

// As opposed to work that fails though the store is well.
bool is_unavailable(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const WriteFailed&) {
    return false;
  } catch (const StoreUnavailable&) {
    return true;
  } catch (...) {
    return false;
  }
}

json::value text_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return json::value(error.what());
  } catch (...) {
    return json::value("unknown");
  }
}

}  // namespace

Scheduler::Scheduler(asio::any_io_executor executor, Store& store, const Clock& clock,
                     SchedulerSettings settings, Log& log)
    : executor_(std::move(executor)),
      store_(store),
      clock_(clock),
      settings_(settings),
      log_(log),
      renewer_(store, clock, log),
      timer_(executor_),
      pause_timer_(executor_),
      clock_watch_(executor_, [this] { look(); }),
      tasks_(executor_, [this](const std::exception_ptr& failure) { task_failed(failure); }) {}

void Scheduler::start() {
  last_look_ = attended_since_ = clock_.now();
  if (!clock_watch_.start()) {
    log_.warning("schedule", "a clock that is set is noticed late",
                 {{"withinMs", settings_.longest_sleep.count()}});
  }
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
  loading_ = renewing_ = true;
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
  tasks_.start(renew(generation));
  look();
}

Task<void> Scheduler::renew(std::uint64_t generation) {
  const auto is_wanted = [this, generation] { return generation == generation_ && !stopping_; };
  std::exception_ptr failure;
  std::optional<ScheduleBasis> basis;
  try {
    basis = co_await renewer_.renew(peak_, is_wanted);
  } catch (...) {
    failure = std::current_exception();
  }
  if (!is_wanted()) co_return;
  if (failure) {
    renewal_failed_ = true;
    task_failed(failure);
    co_return;
  }
  basis_ = std::move(basis);
  peak_ = {};
  renewing_ = false;
}

// One that is overdue comes after those that are already: a long backlog of one trigger leaves the
// others their turns.
void Scheduler::learn(const NextTime& next) {
  if (next.fires_at) {
    due_.set(next.trigger, std::max(*next.fires_at, clock_.now()));
  } else {
    due_.remove(next.trigger);
    skips_.erase(next.trigger);
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
    // While they are read it is not known which have a schedule.
    if (loading_ || due_.has(trigger)) tasks_.start(look_at_failures(trigger));
  }
  look();
}

// When to look -------------------------------------------------------------------------------

void Scheduler::look() {
  counts_.scheduled = static_cast<std::int64_t>(due_.size());
  if (stopping_) return;
  const TimePoint now = clock_.now();
  attend(now);
  if (paused_) return;
  keep_clock(now);
  while (firing_ < settings_.batches) {
    std::vector<TriggerKey> due = due_.take_due(now, settings_.batch);
    if (due.empty()) break;
    ++firing_;
    tasks_.start(fire(std::move(due), now));
  }
  arm();
}

// The clock is looked at every ten seconds while anything has a next time. So where a minute is
// missing nobody was there: the clock was set, or the machine or this process stood still.
void Scheduler::attend(TimePoint now) {
  const bool ran_back = now < last_look_ - tolerated_step_back;
  const bool was_away = now > last_look_ + missed_after;
  const bool was_refused = refused_since_ && now > *refused_since_ + settings_.longest_refusal;
  if (ran_back || was_away || was_refused) attended_since_ = now;
  attended_since_ = std::min(attended_since_, now);
  if (ran_back) peak_ = std::max(peak_, last_look_);
  last_look_ = now;
  if (ran_back) load_anew();
}

// A start must find a clock that ran back since. What was fired is kept to the minute; what owners
// changed while nothing fired, to the hour.
void Scheduler::keep_clock(TimePoint now) {
  if (renewing_ || !basis_) return;
  const auto earliest = due_.earliest();
  const bool fires = earliest && *earliest <= now;
  const Duration step = fires ? Duration{std::chrono::minutes{1}} : std::chrono::hours{1};
  if (now < basis_->seen_at + step) return;
  basis_->seen_at = now;
  tasks_.start(keep_basis(*basis_));
}

Task<void> Scheduler::keep_basis(ScheduleBasis basis) {
  static_cast<void>(co_await store_.transact([&](Transaction& rows) -> Result<void> {
    rows.occurrences().keep_basis(basis);
    return {};
  }));
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
    if (loading_) {
      load_anew();
    } else if (std::exchange(renewal_failed_, false)) {
      tasks_.start(renew(generation_));
    }
    look();
  });
}

// What reads the store could not; it is read anew after a pause.
void Scheduler::task_failed(const std::exception_ptr& failure) {
  if (stopping_ || paused_) return;
  log_.warning("schedule", "put off", {{"error", text_of(failure)}});
  pause();
}

// What is due --------------------------------------------------------------------------------

Task<void> Scheduler::fire(std::vector<TriggerKey> due, TimePoint now) {
  const std::uint64_t generation = generation_;
  std::vector<TriggerKey> again = due;
  std::exception_ptr failure;
  try {
    again = co_await decide_and_keep(due, now);
    refused_since_.reset();
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure && !stopping_ && !is_unavailable(failure)) {
    failure = nullptr;
    try {
      again = co_await fire_each(std::move(due), now);
    } catch (...) {
      failure = std::current_exception();
    }
  }
  --firing_;
  if (failure) {
    if (!refused_since_) refused_since_ = now;
    task_failed(failure);
  }
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
      firings.push_back(decide_firing(one, attended_since_, now, settings_.occurrences));
      const auto skips = skips_.find(one.trigger.id.key);
      if (skips != skips_.end()) firings.back().skips = skips->second;
    }
  }

  std::vector<TriggerKey> stale;
  for (std::span<const Firing> left{firings}; !left.empty();) {
    const std::span<const Firing> together = left.first(count_kept_together(left));
    const auto kept =
        co_await store_.transact([&](Transaction& rows) -> Result<std::vector<Fired>> {
          std::vector<Fired> all;
          all.reserve(together.size());
          for (const Firing& one : together) all.push_back(keep_firing(rows, one, clock_.now()));
          return all;
        });
    for (std::size_t i = 0; i < together.size(); ++i) {
      const Fired& fired = kept.value()[i];
      const TriggerKey trigger = together[i].trigger.id.key;
      count(fired);
      put_off_.erase(trigger);
      if (fired.was_stale) {
        stale.push_back(trigger);
      } else if (fired.skips.told_at) {
        skips_[trigger] = fired.skips;
      } else {
        skips_.erase(trigger);
      }
    }
    left = left.subspan(together.size());
  }
  co_return stale;
}

Task<std::vector<TriggerKey>> Scheduler::fire_each(std::vector<TriggerKey> due, TimePoint now) {
  std::vector<TriggerKey> again;
  for (const TriggerKey trigger : due) {
    std::exception_ptr failure;
    std::vector<TriggerKey> alone(1, trigger);
    try {
      const std::vector<TriggerKey> stale = co_await decide_and_keep(std::move(alone), now);
      again.insert(again.end(), stale.begin(), stale.end());
    } catch (...) {
      failure = std::current_exception();
    }
    if (!failure) continue;
    if (is_unavailable(failure)) std::rethrow_exception(failure);
    co_await put_off(trigger, failure, now);
  }
  co_return again;
}

// Its row stays due; only this list asks for it later.
Task<void> Scheduler::put_off(TriggerKey trigger, std::exception_ptr failure, TimePoint now) {
  constexpr int most_doublings = 20;
  int& times = put_off_[trigger];
  const Duration wait = settings_.pause * (1 << std::min(times, most_doublings));
  due_.set(trigger, now + std::min(wait, settings_.longest_put_off));
  if (times++ > 0) co_return;
  // What cannot be read has no id to show.
  std::string id = "number " + std::to_string(trigger.value);
  try {
    const auto row = co_await store_.read(
        [trigger](const Transaction& snapshot) { return snapshot.triggers().find(trigger); });
    if (row) id = row->id.text();
  } catch (const std::exception& error) {
    log_.debug("schedule", "not read", {{"trigger", json::value(id)}, {"error", error.what()}});
  }
  log_.error("schedule", "a trigger can't be fired; it is tried again later",
             {{"trigger", json::value(id)}, {"error", text_of(failure)}});
}

void Scheduler::count(const Fired& fired) {
  counts_.fired += fired.fired;
  counts_.overlapped += fired.overlapped;
  counts_.missed += fired.missed;
  counts_.late_ms += fired.late.count();
}

// If it fails it is done again before the trigger fires the next time.
Task<void> Scheduler::look_at_failures(TriggerKey trigger) {
  std::exception_ptr failure;
  try {
    co_await halt_if_it_fails(trigger);
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  if (is_unavailable(failure)) std::rethrow_exception(failure);
  log_.warning("schedule", "failures not counted",
               {{"trigger", trigger.value}, {"error", text_of(failure)}});
}

Task<void> Scheduler::halt_if_it_fails(TriggerKey trigger) {
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
