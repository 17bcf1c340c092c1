// How many calls of one ability run at the same time, whichever runs make them: what is behind it
// may not bear more.
//
// Lifetime: outlives every pass. Threads: the worker's executor only.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

class AbilityGates {
 private:
  struct Gate;

 public:
  // Of an ability that sets no number of its own; 0: no bound.
  explicit AbilityGates(std::size_t default_limit);
  ~AbilityGates();
  AbilityGates(const AbilityGates&) = delete;
  AbilityGates& operator=(const AbilityGates&) = delete;

  // One call that is under way; the next one may begin when it goes.
  class Pass {
   public:
    Pass() = default;  // of a call that nothing bounds
    Pass(Pass&& other) noexcept;
    Pass& operator=(Pass&& other) noexcept;
    ~Pass();

   private:
    friend class AbilityGates;
    Pass(AbilityGates& gates, AbilityKey ability) : gates_(&gates), ability_(ability) {}
    AbilityGates* gates_ = nullptr;
    AbilityKey ability_;
  };

  // In the order of asking. Nothing when the deadline comes first. `limit` 0: the default.
  Task<std::optional<Pass>> enter(AbilityKey ability, std::size_t limit, SteadyTime deadline);

 private:
  struct Waiter;

  void leave(AbilityKey ability);

  const std::size_t default_limit_;

  // The executor's; a gate is there while somebody is in or waits.
  std::unordered_map<AbilityKey, std::unique_ptr<Gate>> gates_;
};

}  // namespace bellpull
