// The Store on SQLite: one writer, reading threads, a checkpointer, and the index file beside.
//
// Lifetime: start() to stop(); the data directory's lock is held by the caller meanwhile. A start
// queues again what an earlier process left running.
#pragma once

#include <filesystem>
#include <memory>

#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "store/store.h"

namespace bellpull {

class SqliteStore final : public Store {
 public:
  SqliteStore(const std::filesystem::path& folder, Random& random, const Clock& clock, Log& log);
  ~SqliteStore() override;

  void listen(StoreListener& listener) override;
  void start() override;
  void stop() override;
  StoreHealth health() const override;
  const Clock& clock() const override { return clock_; }

  void accept(AcceptBatch& batch) override;
  Task<Result<ClaimedRun>> claim(Claim claim) override;
  Task<Result<OpenedRun>> open(OpenRun open) override;
  Task<Result<void>> append_steps(AppendSteps append) override;
  Task<Result<void>> finish(FinishRun finish) override;
  Task<Result<void>> renew(RenewLease renew) override;

 protected:
  Task<void> write(std::function<bool(Transaction&)> work) override;
  Task<void> read_snapshot(std::function<void(const Transaction&)> work, ReadKind kind) override;

 private:
  class Parts;
  const Clock& clock_;
  const std::unique_ptr<Parts> parts_;
};

}  // namespace bellpull
