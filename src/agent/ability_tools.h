// Tools made of abilities: each is a function whose call executes one action (action/ability.h).
//
// Lifetime: the actions outlive it and every tool. Threads: the worker's executor only.
#pragma once

#include <vector>

#include "action/action_set.h"
#include "agent/tool.h"

namespace bellpull {

class AbilityTools final : public ToolMaker {
 public:
  explicit AbilityTools(const ActionSet& actions) : actions_(actions) {}

  MadeTools make(std::vector<ToolSource> sources) const override;

 private:
  const ActionSet& actions_;
};

}  // namespace bellpull
