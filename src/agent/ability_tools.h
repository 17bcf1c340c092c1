// Tools made of abilities: each is a function whose call executes one action (action/ability.h).
//
// Lifetime: the services outlive it and every tool. Threads: the worker's executor only.
#pragma once

#include <vector>

#include "action/ability.h"
#include "agent/tool.h"

namespace bellpull {

class AbilityTools final : public ToolMaker {
 public:
  explicit AbilityTools(const AbilityServices& services) : services_(services) {}

  MadeTools make(std::vector<ToolSource> sources) const override;

 private:
  const AbilityServices services_;
};

}  // namespace bellpull
