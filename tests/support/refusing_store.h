// A store that takes nothing and gives nothing.
#pragma once

#include <functional>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "store/accept.h"
#include "store/run_records.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

class RefusingStore final : public Store {
 public:
  void listen(StoreListener& /*listener*/) override {}
  void start() override {}
  void stop() override {}
  StoreHealth health() const override { return {.writable = false}; }
  const Clock& clock() const override { return clock_; }
  void accept(AcceptBatch& /*batch*/) override { refuse(); }
  Task<Result<ClaimedRun>> claim(Claim /*claim*/) override { refuse(); }
  Task<Result<OpenedRun>> open(OpenRun /*open*/) override { refuse(); }
  Task<Result<void>> append_steps(AppendSteps /*append*/) override { refuse(); }
  Task<Result<void>> finish(FinishRun /*finish*/) override { refuse(); }
  Task<Result<void>> renew(RenewLease /*renew*/) override { refuse(); }

 protected:
  Task<void> write(std::function<bool(Transaction&)> /*work*/) override { refuse(); }
  Task<void> read_snapshot(std::function<void(const Transaction&)> /*work*/,
                           ReadKind /*kind*/) override {
    refuse();
  }

 private:
  [[noreturn]] static void refuse() { throw StoreUnavailable("the disk is full"); }

  const SystemClock clock_;
};

}  // namespace bellpull
