// Reads what an attempt goes on from, when its claim did not bring it along: the event, and what
// earlier attempts recorded.
//
// A journal can be larger than a snapshot has time for, so it is read in parts. They fit together,
// because only the lease's holder adds to it.
//
// Lifetime: the store outlives it. Threads: the worker's executor only.
#pragma once

#include <cstddef>

#include "agent/journal.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/event.h"
#include "domain/run.h"
#include "store/store.h"

namespace bellpull {

struct RunSoFar {
  Event event;
  RecordedRun recorded;
};

class RunReader {
 public:
  // `result_bytes`: what is kept of one result.
  RunReader(Store& store, std::size_t result_bytes) : store_(store), result_bytes_(result_bytes) {}

  // Fails with `lease_lost` when the run is no longer held under the lease. Such an attempt may
  // have nothing to commit before it calls somebody, and who canceled the run may have come before
  // there was an execution to be told.
  Task<Result<RunSoFar>> read(Lease lease);

 private:
  Store& store_;
  const std::size_t result_bytes_;
};

}  // namespace bellpull
