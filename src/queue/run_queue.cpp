#include "queue/run_queue.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "queue/hungry_triggers.h"
#include "queue/window.h"
#include "store/run_records.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

constexpr std::int64_t triggers_read_at_once = 1'000;
// Two, so that a long read for one trigger does not hold up all others.
constexpr std::size_t concurrent_reads = 2;
// What could not be read is read again after this.
constexpr std::chrono::seconds reload_pause{1};
// The wall clock may be set while runs wait for their time.
constexpr Duration longest_sleep = std::chrono::seconds{60};

TriggerState state_of(const Transaction& snapshot, TriggerKey key) {
  const auto trigger = snapshot.triggers().find(key);
  return trigger ? trigger->state : TriggerState::enabled;
}

}  // namespace

// The state behind RunQueue; everything but the inbox belongs to the executor.
class RunQueue::Core {
 public:
  Core(asio::any_io_executor executor, Store& store, const Clock& clock, QueueLimits limits,
       Log& log)
      : executor_(std::move(executor)),
        store_(store),
        clock_(clock),
        limits_(limits),
        log_(log),
        window_({limits.running_per_trigger, limits.running_per_account}),
        timer_(executor_),
        reload_timer_(executor_),
        reads_(executor_, [this](const std::exception_ptr& failure) { read_failed(failure); }) {}

  // Any thread: keeps the order of the writer's calls.
  void post(std::span<const RunChange> changes) {
    bool was_empty = false;
    {
      const std::scoped_lock lock{mutex_};
      was_empty = inbox_.empty();
      inbox_.insert(inbox_.end(), changes.begin(), changes.end());
    }
    if (was_empty) asio::post(executor_, [this] { receive(); });
  }

  void post_state(TriggerKey trigger, TriggerState state) {
    asio::post(executor_, [this, trigger, state] { set_state(trigger, state); });
  }

  void post_reload() {
    asio::post(executor_, [this] { reload(); });
  }

  Task<void> load() {
    const std::uint64_t generation = generation_;
    const std::vector<TriggerKey> paused = co_await store_.read(
        [](const Transaction& snapshot) { return snapshot.paused_triggers(); });
    if (generation != generation_) {  // reloaded meanwhile
      read_more_soon();
      co_return;
    }
    know_paused(paused);
    TriggerKey last{0};
    for (;;) {
      const std::vector<TriggerKey> triggers =
          co_await store_.read([last](const Transaction& snapshot) {
            return snapshot.runs().triggers_with_pending(last, triggers_read_at_once);
          });
      if (generation != generation_) {  // reloaded meanwhile
        read_more_soon();
        co_return;
      }
      for (const TriggerKey trigger : triggers) wants_read(trigger);
      read_more();
      if (static_cast<std::int64_t>(triggers.size()) < triggers_read_at_once) break;
      last = triggers.back();
    }
    is_loading_ = false;
    read_more_soon();
  }

  Task<void> stop() {
    stopping_ = true;
    timer_.cancel();
    reload_timer_.cancel();
    reads_.stop();
    co_await reads_.join();
  }

  std::optional<PendingRun> take() {
    if (stopping_) return std::nullopt;
    std::optional<PendingRun> run = window_.take();
    if (run) look_for_hunger(run->trigger);
    read_more();
    return run;
  }

  void put_back(const PendingRun& run) {
    if (window_.release(run)) make_ready(run);
  }

  void forget(const PendingRun& run) {
    window_.release(run);
    if (!is_head(run) || stopping_) return;
    searching_[session_of(run)] = false;
    reads_.start(find_next_of(run));
  }

  QueueCounts counts() const {
    return {.ready = window_.ready(),
            .running = window_.given(),
            .delayed = due_.size(),
            .more = !backlogs_.empty()};
  }

  std::function<void()> on_ready;

 private:
  // A trigger with pending runs in the store that are not in the window. Everything up to
  // `read_through` is, or waits behind a session that is.
  struct Backlog {
    std::int64_t read_through = 0;
    bool grew = false;      // an event came while reading
    bool is_stale = false;  // the trigger was paused or resumed while reading
  };

  struct Delayed {
    TimePoint due_at;
    PendingRun run;
    bool operator>(const Delayed& other) const { return due_at > other.due_at; }
  };

  void receive() {
    std::vector<RunChange> changes;
    {
      const std::scoped_lock lock{mutex_};
      changes.swap(inbox_);
    }
    for (const RunChange& change : changes) apply(change);
    read_more();
    if (window_.ready() > 0 && on_ready) on_ready();
  }

  bool is_paused(TriggerKey trigger) const { return paused_.contains(trigger); }

  // What was told since is newer than what was read.
  void know_paused(const std::vector<TriggerKey>& paused) {
    for (const TriggerKey trigger : paused) {
      if (!told_states_.contains(trigger)) pause(trigger);
    }
    told_states_.clear();
  }

  void set_state(TriggerKey trigger, TriggerState state) {
    if (is_loading_) told_states_.insert(trigger);
    if (hungry_.remove(trigger)) {
      backlogs_.erase(trigger);
    } else if (const auto backlog = backlogs_.find(trigger); backlog != backlogs_.end()) {
      backlog->second.is_stale = true;  // it is being read
    }
    if (state == TriggerState::paused) {
      pause(trigger);
    } else {
      // Everything that is pending, from the oldest on: nothing of it was kept here.
      paused_.erase(trigger);
      wants_read(trigger);
      read_more();
    }
  }

  void pause(TriggerKey trigger) {
    paused_.insert(trigger);
    window_.remove_ready(trigger);
  }

  // In the window, unless its trigger is paused: then the store has it until the trigger is
  // resumed.
  void make_ready(const PendingRun& run) {
    if (!is_paused(run.trigger)) {
      window_.add(run);
    } else if (is_head(run)) {
      window_.remove_head(run);
    }
  }

  bool is_head(const PendingRun& run) const {
    return run.session != 0 && window_.head(run) == run.run;
  }

  void apply(const RunChange& change) {
    const PendingRun& run = change.run;
    due_.erase(run.run);
    const bool was_given = window_.release(run);
    look_for_hunger(run.trigger);
    const bool is_arrival = run.state == RunState::queued && !was_given;
    // An arrival may be put off until a read finds it, so it is not newer than what is read.
    if (!is_arrival && reads_.size() > 0) changed_.insert(run.run);
    if (!is_pending(run.state)) {
      // One that ended while it waited behind its session's head changes nothing.
      if (!is_head(run)) return;
      window_.remove_head(run);
      if (change.next) enter(*change.next);
    } else if (is_arrival) {
      arrive(run);
    } else {
      enter(run);
    }
  }

  // A new event, as far as one can tell.
  void arrive(const PendingRun& run) {
    if (is_paused(run.trigger)) return;
    if (const auto backlog = backlogs_.find(run.trigger); backlog != backlogs_.end()) {
      backlog->second.grew = true;
    } else if (window_.head(run)) {
      // Its turn comes when the head ends; a search for the next head must look again.
      if (const auto search = searching_.find(session_of(run)); search != searching_.end()) {
        search->second = true;
      }
    } else if (is_loading_) {
      // Older runs of its session may be in the store, not read yet: it must not overtake them.
      wants_read(run.trigger);
    } else if (window_.ready() >= limits_.window && window_.ready_of(run.trigger) > 0) {
      // It is read from the store when its trigger's part of the window is used up.
      backlogs_[run.trigger] = {.read_through = run.run.value - 1};
      hungry_.add(run.trigger);
    } else {
      window_.add(run);
    }
  }

  // A run that is its session's head.
  void enter(const PendingRun& run) {
    if (run.state == RunState::queued) {
      make_ready(run);
    } else if (run.due_at) {
      window_.set_head(run);
      delay(run, *run.due_at);
    }
  }

  void delay(const PendingRun& run, TimePoint due_at) {
    due_[run.run] = due_at;
    delayed_.push({due_at, run});
    arm_timer();
  }

  void arm_timer() {
    if (delayed_.empty() || stopping_) return;
    const Duration wait =
        std::clamp(delayed_.top().due_at - clock_.now(), Duration{0}, longest_sleep);
    timer_.expires_after(wait);
    timer_.async_wait([this](boost::system::error_code canceled) {
      if (!canceled) release_due();
    });
  }

  void release_due() {
    const TimePoint now = clock_.now();
    while (!delayed_.empty() && delayed_.top().due_at <= now) {
      const auto [due_at, run] = delayed_.top();
      delayed_.pop();
      // It was given another time since, or ended: this one means nothing any more.
      const auto due = due_.find(run.run);
      if (due == due_.end() || due->second != due_at) continue;
      due_.erase(due);
      // One that ended while it waited is no head any more, and must not push the new one aside.
      if (run.session == 0 || is_head(run)) make_ready(run);
    }
    arm_timer();
    if (window_.ready() > 0 && on_ready) on_ready();
  }

  void wants_read(TriggerKey trigger) {
    if (is_paused(trigger)) return;
    if (backlogs_.try_emplace(trigger).second) add_hungry(trigger);
  }

  void add_hungry(TriggerKey trigger) {
    hungry_.add(trigger);
    look_for_hunger(trigger);
  }

  // One without a ready run must not wait until the others have used up theirs.
  void look_for_hunger(TriggerKey trigger) {
    if (window_.ready_of(trigger) == 0) hungry_.starve(trigger);
  }

  // Reads on for triggers with a backlog: while there is room in the window for any of them, beyond
  // that for those only whose part of it is empty.
  void read_more() {
    while (!stopping_ && reads_.size() < concurrent_reads) {
      const bool has_room = window_.ready() < limits_.window;
      const auto trigger = has_room ? hungry_.take() : hungry_.take_starving();
      if (!trigger) return;
      Backlog& backlog = backlogs_[*trigger];
      backlog.grew = false;
      reads_.start(read(*trigger, backlog.read_through, generation_));
    }
  }

  // Each that was started in reads_ says this at its end: when it has left, there is a place, and
  // nobody else may come by to see it.
  void read_more_soon() {
    asio::post(executor_, [this] { read_more(); });
  }

  Task<void> read(TriggerKey trigger, std::int64_t after, std::uint64_t generation) {
    const auto limit = static_cast<std::int64_t>(limits_.refill);
    const auto [state,
                runs] = co_await store_.read([trigger, after, limit](const Transaction& snapshot) {
      return std::pair{state_of(snapshot, trigger), snapshot.runs().pending(trigger, after, limit)};
    });
    if (generation != generation_) {  // reloaded meanwhile
      read_more_soon();
      co_return;
    }
    const auto backlog = backlogs_.find(trigger);
    if (state == TriggerState::paused || backlog->second.is_stale) {
      end_stale_read(trigger, state);
      co_return;
    }
    for (const PendingRun& run : runs) meet(run);
    if (reads_.size() <= 1) changed_.clear();

    if (!runs.empty()) backlog->second.read_through = runs.back().run.value;
    if (static_cast<std::int64_t>(runs.size()) == limit || backlog->second.grew) {
      add_hungry(trigger);
    } else {
      backlogs_.erase(backlog);
    }
    if (window_.ready() > 0 && on_ready) on_ready();
    read_more_soon();
  }

  // Nothing of it is for the window: the trigger is paused, or was told of while it was read, and
  // what was told is newer.
  void end_stale_read(TriggerKey trigger, TriggerState state) {
    const bool was_told = backlogs_[trigger].is_stale;
    backlogs_.erase(trigger);
    if (!was_told && state == TriggerState::paused) pause(trigger);
    wants_read(trigger);
    read_more_soon();
  }

  // A pending run found in the store, as it was a moment ago.
  void meet(const PendingRun& run) {
    // What was told of it since the read began is newer than what was read.
    if (changed_.contains(run.run) || window_.is_given(run.run)) return;
    if (window_.head(run)) return;
    if (run.state == RunState::running) {
      // Claimed before a reload: its end brings its session's next.
      window_.set_head(run);
      return;
    }
    enter(run);
  }

  // The head turned out to have ended without our being told in order; who is next?
  Task<void> find_next_of(PendingRun run) {
    for (;;) {
      searching_[session_of(run)] = false;
      const std::optional<PendingRun> next =
          co_await store_.read([run](const Transaction& snapshot) {
            return snapshot.runs().first_pending(run.trigger, run.session);
          });
      if (!is_head(run)) break;
      if (next) {
        window_.set_head(*next);
        if (!window_.is_given(next->run)) enter(*next);
        break;
      }
      // An event that arrived during the read may not be in its snapshot.
      if (!searching_[session_of(run)]) {
        window_.remove_head(run);
        break;
      }
    }
    searching_.erase(session_of(run));
    if (window_.ready() > 0 && on_ready) on_ready();
    read_more_soon();
  }

  void read_failed(const std::exception_ptr& failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      log_.warning("queue", "could not read pending runs; reading all again",
                   {{"error", error.what()}});
    }
    if (stopping_) return;
    reload_timer_.expires_after(reload_pause);
    reload_timer_.async_wait([this](boost::system::error_code canceled) {
      if (!canceled) reload();
    });
  }

  void reload() {
    if (stopping_) return;
    ++generation_;
    is_loading_ = true;
    changed_.clear();
    window_.clear();
    backlogs_.clear();
    hungry_.clear();
    delayed_ = {};
    due_.clear();
    paused_.clear();
    told_states_.clear();
    searching_.clear();
    reads_.start(load());
  }

  const asio::any_io_executor executor_;
  Store& store_;
  const Clock& clock_;
  const QueueLimits limits_;
  Log& log_;

  Window window_;
  std::unordered_map<TriggerKey, Backlog> backlogs_;
  HungryTriggers hungry_;  // those with a backlog that is not being read
  std::priority_queue<Delayed, std::vector<Delayed>, std::greater<>> delayed_;
  // When each delayed run is due, which may be said anew while it waits.
  std::unordered_map<RunId, TimePoint> due_;
  asio::steady_timer timer_;
  asio::steady_timer reload_timer_;
  TaskGroup reads_;
  // Sessions whose next head is being read, and whether an event of theirs came meanwhile.
  std::unordered_map<SessionOf, bool> searching_;
  // What arrives for these stays in the store. While the queue loads, others may be paused too:
  // each read looks.
  std::unordered_set<TriggerKey> paused_;
  // While the queue loads: those whose state was told.
  std::unordered_set<TriggerKey> told_states_;
  // Runs that changed while something was being read, so that an older reading is not believed.
  std::unordered_set<RunId> changed_;
  std::uint64_t generation_ = 0;  // grows with every reload
  bool is_loading_ = true;        // until the triggers with pending runs have been listed
  bool stopping_ = false;

  // Guarded by mutex_:
  std::mutex mutex_;
  std::vector<RunChange> inbox_;
};

RunQueue::RunQueue(asio::any_io_executor executor, Store& store, const Clock& clock,
                   QueueLimits limits, Log& log)
    : core_(std::make_unique<Core>(std::move(executor), store, clock, limits, log)) {}

RunQueue::~RunQueue() = default;

void RunQueue::on_ready(std::function<void()> callback) { core_->on_ready = std::move(callback); }
Task<void> RunQueue::load() { return core_->load(); }
Task<void> RunQueue::stop() { return core_->stop(); }
std::optional<PendingRun> RunQueue::take() { return core_->take(); }
void RunQueue::put_back(const PendingRun& run) { core_->put_back(run); }
void RunQueue::forget(const PendingRun& run) { core_->forget(run); }
QueueCounts RunQueue::counts() const { return core_->counts(); }
void RunQueue::runs_changed(std::span<const RunChange> changes) { core_->post(changes); }
void RunQueue::trigger_changed(TriggerKey /*trigger*/) {}
void RunQueue::trigger_state_changed(TriggerKey trigger, TriggerState state) {
  core_->post_state(trigger, state);
}
void RunQueue::configuration_changed(AccountKey /*account*/) {}
void RunQueue::reopened() { core_->post_reload(); }

}  // namespace bellpull
