// Turns due schedules into events: once each, on time, over restarts and clocks that step.
//
// When a trigger fires next stands in its row; here it stands in order, with one timer for the
// earliest. What is due is fired in batches: read on a snapshot, decided there (catch_up.h), and
// kept in a transaction which moves each schedule on from where it was read and adds the events.
// Batches share commits. A row that changed meanwhile is read again; a store that takes no writes
// is asked again. So what is here only says when to look, and may be wrong; the rows decide.
//
// Time is the wall clock's. A clock that is set forward makes what it passed due, or missed when it
// passed it by more than a minute. One that is set back has all next times made anew
// (renewal.h), and fires nothing again.
//
// A trigger that cannot be fired holds up no other one: it is put off, for longer each time.
//
// Lifetime: listens to the store from start to stop; stop() is awaited before it is destroyed, and
// the store drained. Threads: the executor's only, which must run one handler at a time; the
// listener's functions are called on the writer's thread and post.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "schedule/clock_watch.h"
#include "schedule/due_times.h"
#include "schedule/firing.h"
#include "schedule/renewal.h"
#include "store/occurrences.h"
#include "store/run_records.h"
#include "store/store.h"

namespace bellpull {

struct SchedulerSettings {
  std::size_t batch = 32;    // triggers to a transaction
  std::size_t batches = 16;  // at once
  // Of one trigger in one transaction; if there are more to catch up with, others come in between.
  std::size_t occurrences = 16;
  std::int64_t read_at_once = 10'000;  // next times, at the start
  // The clock may be slewed, or set without a word (clock_watch.h), while the timer waits.
  Duration longest_sleep = std::chrono::seconds{10};
  // How long nothing is fired after the store refused to.
  Duration pause = std::chrono::seconds{1};
  // What had its time while the store refused for longer than this was missed.
  Duration longest_refusal = std::chrono::minutes{10};
  Duration longest_put_off = std::chrono::hours{1};
};

// For metrics; read on any thread.
struct SchedulerCounts {
  std::atomic<std::int64_t> scheduled = 0;  // triggers with a next time
  std::atomic<std::int64_t> fired = 0;
  std::atomic<std::int64_t> overlapped = 0;  // skipped by the policy for overlaps
  std::atomic<std::int64_t> missed = 0;      // and not made up for
  std::atomic<std::int64_t> late_ms = 0;     // sum over those that fired
};

class Scheduler final : public StoreListener {
 public:
  Scheduler(boost::asio::any_io_executor executor, Store& store, const Clock& clock,
            SchedulerSettings settings, Log& log);

  // Reads the next times, and fires what is due meanwhile.
  void start();
  // Returns when nothing is being fired any more.
  Task<void> stop();

  // Fires what is due by now. The timer calls it; a test whose clock stands still does.
  void look();

  const SchedulerCounts& counts() const { return counts_; }

  void runs_changed(std::span<const RunChange> changes) override;
  void trigger_changed(TriggerKey trigger) override;
  void configuration_changed(AccountKey account) override;
  void next_times_changed(std::span<const NextTime> times) override;
  void reopened() override;

 private:
  void load_anew();
  Task<void> load(std::uint64_t generation);
  Task<void> renew(std::uint64_t generation);
  void learn(const NextTime& next);
  void receive();
  void attend(TimePoint now);
  void keep_clock(TimePoint now);
  Task<void> keep_basis(ScheduleBasis basis);
  void arm();
  void pause();
  void task_failed(const std::exception_ptr& failure);

  Task<void> fire(std::vector<TriggerKey> due, TimePoint now);
  // Which of them are to be read again.
  Task<std::vector<TriggerKey>> decide_and_keep(std::vector<TriggerKey> due, TimePoint now);
  // After they failed together.
  Task<std::vector<TriggerKey>> fire_each(std::vector<TriggerKey> due, TimePoint now);
  Task<void> put_off(TriggerKey trigger, std::exception_ptr failure, TimePoint now);
  void count(const Fired& fired);
  Task<void> look_at_failures(TriggerKey trigger);
  Task<void> halt_if_it_fails(TriggerKey trigger);

  const boost::asio::any_io_executor executor_;
  Store& store_;
  const Clock& clock_;
  const SchedulerSettings settings_;
  Log& log_;
  SchedulerCounts counts_;
  Renewer renewer_;

  // The executor's:
  DueTimes due_;
  std::size_t firing_ = 0;
  std::uint64_t generation_ = 0;
  bool loading_ = false;
  std::unordered_set<TriggerKey> told_while_loading_;
  // Since when every time was looked at within a minute, and when it last was.
  TimePoint attended_since_;
  TimePoint last_look_;
  TimePoint peak_;  // what the clock showed before it ran back, until that is seen to
  bool renewing_ = false;
  bool renewal_failed_ = false;
  std::optional<ScheduleBasis> basis_;  // as it is kept, once it was read
  std::optional<TimePoint> refused_since_;
  std::unordered_map<TriggerKey, int> put_off_;  // how often in a row
  std::unordered_map<TriggerKey, Skips> skips_;  // the series that go on
  bool paused_ = false;
  bool stopping_ = false;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer pause_timer_;
  ClockWatch clock_watch_;
  TaskGroup tasks_;

  // Guarded by mutex_: what the writer told, in its order.
  std::mutex mutex_;
  std::vector<NextTime> told_;
  std::vector<TriggerKey> failed_;  // triggers that had a run fail
};

}  // namespace bellpull
