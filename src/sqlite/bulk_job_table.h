// Jobs over many events: their rows. What they do is in bulk_chunk.h.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "store/bulk_jobs.h"
#include "store/list.h"

namespace bellpull {

class BulkJobTable final : public BulkJobStore {
 public:
  // `start` is told of a job that was added.
  using Start = std::function<void(const BulkJob& job)>;
  BulkJobTable(Database& database, Start start);

  Result<void> add(BulkJob& job) override;
  bool cancel(BulkJobId job, TimePoint now) override;
  std::optional<BulkJob> find(BulkJobId job) const override;
  std::vector<BulkJob> list(AccountKey account, const Page& page) const override;

  // How far it has come, and whether it has ended; of one that runs.
  void keep_progress(const BulkJob& job);

 private:
  Database& database_;
  const Start start_;
  Statement insert_;
  Statement running_;
  Statement forget_;
  Statement cancel_;
  Statement keep_;
  mutable Statement find_;
  mutable Statement ascending_;
  mutable Statement descending_;
};

}  // namespace bellpull
