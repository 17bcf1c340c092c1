// The run plans of the triggers that are in use, read through the store once per configuration.
//
// Any change of the configuration voids all of them: they are cheap to read, and such changes are
// rare beside runs. A plan that was given stays valid for who holds it.
//
// Lifetime: listens to the store; drain the store before destroying it. Threads: the worker's
// executor only; the listener's functions are called on the writer's thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agent/model_catalog.h"
#include "agent/run_limits.h"
#include "agent/run_plan.h"
#include "agent/tool.h"
#include "base/log.h"
#include "base/task.h"
#include "domain/ids.h"
#include "store/store.h"

namespace bellpull {

// Shared: by the cache, and by every run that uses it while the configuration changes.
using SharedPlan = std::shared_ptr<const RunPlan>;

class RunPlans final : public StoreListener {
 public:
  RunPlans(Store& store, const ModelCatalog& models, const ToolMaker& tools, RunLimits limits,
           Log& log);

  // Never null; see RunPlan::problem. Throws StoreUnavailable.
  Task<SharedPlan> plan_of(TriggerKey trigger);

  void runs_changed(std::span<const RunChange> changes) override;
  void trigger_changed(TriggerKey trigger) override;
  void configuration_changed() override;
  void reopened() override;

 private:
  struct Configuration;
  SharedPlan make_plan(const Configuration& configuration) const;
  void add_tools(RunPlan& plan, const Configuration& configuration) const;
  void warn(const RunPlan& plan, const std::string& ability, std::string_view why) const;

  Store& store_;
  const ModelCatalog& models_;
  const ToolMaker& tools_;
  const RunLimits limits_;
  Log& log_;

  // Grows with every change of the configuration.
  std::atomic<std::uint64_t> generation_ = 0;

  // The executor's: plans of one generation.
  std::uint64_t plans_generation_ = 0;
  std::unordered_map<TriggerKey, SharedPlan> plans_;
};

}  // namespace bellpull
