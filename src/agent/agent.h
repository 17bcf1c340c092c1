// Executes runs: one call of execute() is one attempt at one run, from its claim to its last
// commit.
//
// Lifetime: everything given to it outlives it; it outlives its executions, and plans() listens to
// the store. Threads: the worker's executor only.
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>

#include "agent/execution.h"
#include "agent/model_catalog.h"
#include "agent/outside.h"
#include "agent/run_limits.h"
#include "agent/run_plans.h"
#include "agent/tool.h"
#include "base/log.h"
#include "base/random.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "queue/retry.h"
#include "store/run_records.h"
#include "store/store.h"

namespace bellpull {

struct AgentSettings {
  RunLimits limits = {};
  RetryPolicy retry = {};
};

class Agent {
 public:
  Agent(Store& store, const Clock& clock, Random& random, const ModelCatalog& models,
        const ToolMaker& tools, AgentSettings settings, Log& log);

  // To be told of the store's changes.
  StoreListener& plans() { return plans_; }

  // Gives the state that the attempt left the run in, or nothing when it recorded none: the lease
  // was lost, or the store took no writes. Cancelling the task is cutting it off.
  Task<std::optional<RunState>> execute(ClaimedRun claimed);

  // Who waits for a model or an action now.
  Outside& outside() { return outside_; }

  // Stop an execution; unknown runs are ignored.
  void interrupt(RunId run, Interruption why);
  void interrupt_all(Interruption why);
  // Stops executions that are still there well after their deadline.
  void interrupt_overdue();

 private:
  class Registration;

  RunPlans plans_;
  Outside outside_;
  const ExecutionServices services_;
  std::unordered_map<RunId, Execution*> running_;
};

}  // namespace bellpull
