// Leases the runs that the queue gives, has the agent execute them, and keeps their leases alive.
//
// An idle worker sleeps: its one timer goes only while it holds leases.
//
// Stopping: nothing more is leased; what runs has its grace; then it is cut off, which hands each
// run back to the store as queued, its attempt not counted. A run that is not handed back in time
// loses nothing either: its journal is complete, and the next start queues it again. Nothing in the
// process expires leases.
//
// Lifetime: everything given to it outlives it; stop() is awaited before it is destroyed, and the
// store drained. Threads: the executor's only, which must run one handler at a time; the listener's
// functions are called on the writer's thread and post.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "agent/agent.h"
#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "queue/run_queue.h"
#include "store/run_records.h"
#include "store/store.h"

namespace bellpull {

struct WorkerSettings {
  std::size_t max_running = 10'000;
  // Of those, how many at once that do not wait for a model or an action. More would only wait for
  // the processor and the store, where nobody takes turns.
  std::size_t max_busy = 256;
  Duration lease = std::chrono::seconds{60};  // renewed before half of it is gone
  // How long no run is leased after the store refused to.
  Duration pause = std::chrono::seconds{1};
};

// For metrics; read on any thread.
struct WorkerCounts {
  std::atomic<std::int64_t> running = 0;
  std::atomic<std::int64_t> claimed = 0;
  // How attempts ended, by the state they left their run in (`queued`: handed back).
  std::array<std::atomic<std::int64_t>, 9> attempts{};
  std::atomic<std::int64_t> dropped = 0;  // attempts that recorded no end

  std::int64_t ended_as(RunState state) const {
    return attempts.at(static_cast<std::size_t>(state)).load();
  }
};

class Worker final : public StoreListener {
 public:
  Worker(boost::asio::any_io_executor executor, RunQueue& queue, Store& store, Agent& agent,
         const Clock& clock, WorkerSettings settings, Log& log);

  // Begins to lease runs.
  void start();
  // Returns when nothing runs any more.
  Task<void> stop(Duration grace);
  // Ends the grace of a stop that is going on.
  void hurry();

  const WorkerCounts& counts() const { return counts_; }

  void runs_changed(std::span<const RunChange> changes) override;
  void trigger_changed(TriggerKey trigger) override;
  void configuration_changed(AccountKey account) override;
  void reopened() override;

 private:
  struct Held {
    Lease lease;
    SteadyTime renewed_at;
  };

  void take_runs();
  Task<void> run_one(PendingRun pending);
  Task<std::optional<ClaimedRun>> claim(PendingRun pending);
  Task<void> execute(ClaimedRun claimed);
  Task<void> hand_back(Lease lease);
  Task<void> release(Lease lease);
  void pause();

  void watch_leases();
  void look_at_leases();
  Task<void> renew(RunId run);

  const boost::asio::any_io_executor executor_;
  RunQueue& queue_;
  Store& store_;
  Agent& agent_;
  const Clock& clock_;
  const WorkerSettings settings_;
  Log& log_;
  WorkerCounts counts_;

  // The executor's:
  std::size_t running_ = 0;
  bool started_ = false;
  bool paused_ = false;
  bool held_back_ = false;  // there may be runs to take once a busy one waits outside
  bool stopping_ = false;
  bool watching_ = false;
  std::unordered_map<RunId, Held> held_;
  boost::asio::steady_timer lease_timer_;
  boost::asio::steady_timer pause_timer_;
  boost::asio::steady_timer grace_timer_;
  TaskGroup tasks_;
};

}  // namespace bellpull
