// Which run is next: fair between accounts, then between their triggers, in order within a session.
//
// The rows are the store's; this is the bounded window over them that is ready to run. It holds one
// run for each session at most, the session's head: while that is queued, running, waiting or
// retrying, nothing else of the session is ready (product.md, P3). A trigger with more sessions
// than its share of the window is read on from the store as its window empties, so one backlog
// cannot hide another.
//
// A paused trigger has no run in the window: its runs stay in the store, and are read from there
// when it is resumed. What runs already, runs on.
//
// Lifetime: listens to the store from start to stop; drain the store before destroying it.
// Threads: the executor's only, which must run one handler at a time; runs_changed() is called on
// the writer's thread and posts.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include <boost/asio/any_io_executor.hpp>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "store/store.h"

namespace bellpull {

struct QueueLimits {
  std::size_t window = 10'000;          // sessions ready in memory, over all triggers
  std::size_t refill = 1'000;           // rows read at once for a trigger's window
  std::size_t running_per_trigger = 0;  // runs at the same time; 0: no limit
  std::size_t running_per_account = 0;
};

struct QueueCounts {
  std::size_t ready = 0;    // in the window
  std::size_t running = 0;  // taken and not yet changed
  std::size_t delayed = 0;  // waiting for their time
  bool more = false;        // the store holds pending runs beyond the window
};

class RunQueue final : public StoreListener {
 public:
  RunQueue(boost::asio::any_io_executor executor, Store& store, const Clock& clock,
           QueueLimits limits, Log& log);
  ~RunQueue() override;

  // Called whenever take() may have something to give.
  void on_ready(std::function<void()> callback);

  // Finds what an earlier process left pending. Runs are given while it goes on reading.
  Task<void> load();
  // No more runs are given, and nothing more is read; returns when the last read has ended.
  Task<void> stop();

  // The next run, which then counts as running until the store says that its state changed.
  std::optional<PendingRun> take();
  // For a taken run that could not be claimed because the store did not answer: it is ready again.
  void put_back(const PendingRun& run);
  // For a taken run that the store no longer gives: it ended meanwhile. The session's next follows.
  void forget(const PendingRun& run);

  QueueCounts counts() const;

  void runs_changed(std::span<const RunChange> changes) override;
  void trigger_changed(TriggerKey trigger) override;
  void trigger_state_changed(TriggerKey trigger, TriggerState state) override;
  void configuration_changed(AccountKey account) override;
  void reopened() override;

 private:
  class Core;
  const std::unique_ptr<Core> core_;
};

}  // namespace bellpull
