// Reads the triggers that are not in memory, one read of the store for all who wait.
//
// Whoever asks while a read waits for a reader joins it: one snapshot answers many ids, and an id
// that many ask for is looked up once. So nobody needs to be refused, and a flood of ids that do
// not exist has one place in the readers' queue, like any other caller.
//
// Threads: any.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "base/task.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "store/store.h"

namespace bellpull {

class TriggerLookUp {
 public:
  struct Found {
    std::optional<Trigger> trigger;  // nothing for a deleted one
    bool account_is_disabled = false;
  };

  explicit TriggerLookUp(Store& store);
  ~TriggerLookUp();

  // What is kept at some time after the call. Throws StoreUnavailable.
  Task<Found> find(TriggerId id);

 private:
  struct Batch;

  Task<void> read(std::shared_ptr<Batch> batch);
  static Task<void> answered(std::shared_ptr<Batch> batch);
  void close(const std::shared_ptr<Batch>& batch);

  Store& store_;

  std::mutex mutex_;
  // Guarded by mutex_. Shared with those who wait for its answers:
  std::shared_ptr<Batch> gathering_;
};

}  // namespace bellpull
