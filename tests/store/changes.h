// What a store tells of runs that changed, kept for a test.
#pragma once

#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "domain/ids.h"
#include "store/run_records.h"
#include "store/store.h"

namespace bellpull {

class Changes final : public StoreListener {
 public:
  void runs_changed(std::span<const RunChange> changes) override {
    const std::scoped_lock lock{mutex_};
    changes_.insert(changes_.end(), changes.begin(), changes.end());
  }
  void trigger_changed(TriggerKey /*trigger*/) override {}
  void configuration_changed(AccountKey /*account*/) override {}
  void reopened() override {}

  std::vector<RunChange> take() {
    const std::scoped_lock lock{mutex_};
    return std::exchange(changes_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<RunChange> changes_;
};

}  // namespace bellpull
