// The run plans of the triggers that are in use, read through the store once per configuration.
//
// A change of an account's configuration voids the plans that are made of it: those of its
// triggers, and those of others' triggers that name a bot of it. They are cheap to read, and such
// changes are rare beside runs. A plan that was given stays valid for who holds it.
//
// Lifetime: listens to the store; drain the store before destroying it. Threads: the worker's
// executor only; the listener's functions are called on the writer's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
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
  void configuration_changed(AccountKey account) override;
  void reopened() override;

 private:
  struct Configuration;
  struct Kept {
    SharedPlan plan;
    std::uint64_t generation = 0;  // when the read of its configuration began
    AccountKey account;            // the trigger's
    AccountKey bot_account;        // of the bot that the trigger names; 0: it names none
  };

  std::uint64_t generation() const;
  bool is_valid(const Kept& kept) const;
  SharedPlan make_plan(const Configuration& configuration) const;
  void add_tools(RunPlan& plan, const Configuration& configuration) const;
  void warn(const RunPlan& plan, const std::string& ability, std::string_view why) const;

  Store& store_;
  const ModelCatalog& models_;
  const ToolMaker& tools_;
  const RunLimits limits_;
  Log& log_;

  // The executor's:
  std::unordered_map<TriggerKey, Kept> plans_;

  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::uint64_t generation_ = 0;   // grows with every change
  std::uint64_t all_changed_ = 0;  // the generation up to which no plan is valid
  std::unordered_map<AccountKey, std::uint64_t> changed_;  // the generation of its last change
};

}  // namespace bellpull
