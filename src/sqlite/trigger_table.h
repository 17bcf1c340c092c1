// Triggers: a resource table that tells nobody when only a trigger's own times change, as they do
// with every invoke.
#pragma once

#include "base/result.h"
#include "domain/trigger.h"
#include "sqlite/resource_table.h"

namespace bellpull {

class TriggerTable final : public ResourceTable<Trigger> {
 public:
  using ResourceTable<Trigger>::ResourceTable;

  Result<void> update(const Trigger& trigger) override;
};

}  // namespace bellpull
