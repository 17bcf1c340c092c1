// Triggers: a resource table that tells nobody when only a trigger's own times change, as they do
// with every invoke, and that tells of one that is paused or resumed, or fires at another time.
#pragma once

#include "base/random.h"
#include "base/result.h"
#include "domain/trigger.h"
#include "sqlite/database.h"
#include "sqlite/resource_table.h"
#include "sqlite/written.h"

namespace bellpull {

class TriggerTable final : public ResourceTable<Trigger> {
 public:
  TriggerTable(Database& database, Random& random, Written& written);

  Result<void> add(Trigger& trigger) override;
  Result<void> update(const Trigger& trigger) override;

 private:
  Written& written_;
};

}  // namespace bellpull
