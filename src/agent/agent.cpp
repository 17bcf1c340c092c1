#include "agent/agent.h"

#include <optional>
#include <utility>
#include <vector>

#include "agent/execution.h"
#include "agent/model_catalog.h"
#include "agent/tool.h"
#include "base/log.h"
#include "base/random.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "store/run_records.h"
#include "store/store.h"

namespace bellpull {

// Makes an execution known while it runs. Two attempts at one run can meet, when the first has lost
// its lease and does not know it yet: the later one is then the one that can be reached.
class Agent::Registration {
 public:
  Registration(Agent& agent, RunId run, Execution& execution)
      : agent_(agent), run_(run), execution_(execution) {
    Execution*& known = agent_.running_[run];
    if (known != nullptr) known->interrupt(Interruption::dropped);
    known = &execution;
  }
  ~Registration() {
    const auto known = agent_.running_.find(run_);
    if (known != agent_.running_.end() && known->second == &execution_) {
      agent_.running_.erase(known);
    }
  }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

 private:
  Agent& agent_;
  const RunId run_;
  Execution& execution_;
};

Agent::Agent(Store& store, const Clock& clock, Random& random, const ModelCatalog& models,
             const ToolMaker& tools, AgentSettings settings, Log& log)
    : plans_(store, models, tools, settings.limits, log),
      services_{store, clock, random, plans_, log, settings.limits, settings.retry, outside_} {}

Task<std::optional<RunState>> Agent::execute(ClaimedRun claimed) {
  const RunId run = claimed.lease.run;
  Execution execution{services_, std::move(claimed)};
  const Registration registration{*this, run, execution};
  co_return co_await execution.run();
}

void Agent::interrupt(RunId run, Interruption why) {
  if (const auto known = running_.find(run); known != running_.end()) known->second->interrupt(why);
}

void Agent::interrupt_all(Interruption why) {
  // An interrupted execution may end at once and leave the map.
  std::vector<RunId> runs;
  runs.reserve(running_.size());
  for (const auto& [run, execution] : running_) runs.push_back(run);
  for (const RunId run : runs) interrupt(run, why);
}

void Agent::interrupt_overdue() {
  const SteadyTime now = services_.clock.steady_now();
  std::vector<RunId> overdue;
  for (const auto& [run, execution] : running_) {
    if (now >= execution->deadline() + services_.limits.overstay) overdue.push_back(run);
  }
  for (const RunId run : overdue) interrupt(run, Interruption::overdue);
}

}  // namespace bellpull
