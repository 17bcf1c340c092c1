// Writes one attempt's steps under its lease, in order, in as few commits as the promises allow.
//
// Steps are added to what waits, and a flush commits all of it. Who flushes when is the caller's
// duty (product.md, P4): a model's answer and the intents of its calls before the calls are made,
// results as they arrive, all before the next model call. What arrives during a commit goes with
// the next one.
//
// Invariant: a step keeps the number that add() gave it, because a lease has one writer. A commit
// is never cancelled half-way; the cancellation counts after it.
// Threads: the worker's executor only.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/run.h"
#include "store/run_records.h"
#include "store/store.h"

namespace bellpull {

class RunRecorder {
 public:
  // `last_step`: number of the last step that is recorded.
  RunRecorder(Store& store, const Clock& clock, Lease lease, std::int64_t last_step);

  // Gives the step's number.
  std::int64_t add(NewStep step);
  void count(const RunUsage& usage);
  // Number of the next step.
  std::int64_t next() const { return next_; }

  // These fail with `lease_lost`; they throw StoreUnavailable.
  Task<Result<OpenedRun>> open(OpenRun open);
  Task<Result<void>> flush();
  // Ends the attempt, with what waits.
  Task<Result<void>> finish(FinishRun finish);

 private:
  std::vector<NewStep> take_steps();

  Store& store_;
  const Clock& clock_;
  const Lease lease_;
  std::int64_t next_;
  std::vector<NewStep> waiting_;
  RunUsage usage_;
  bool flushing_ = false;
};

}  // namespace bellpull
