#include "sqlite/trigger_table.h"

#include <optional>

#include "base/result.h"
#include "domain/trigger.h"
#include "sqlite/resource_table.h"

namespace bellpull {

Result<void> TriggerTable::update(const Trigger& trigger) {
  std::optional<Trigger> before = find(trigger.id);
  if (before) {
    before->last_trigger_at = trigger.last_trigger_at;
    before->next_trigger_at = trigger.next_trigger_at;
    if (*before == trigger) return overwrite(trigger);
  }
  return ResourceTable<Trigger>::update(trigger);
}

}  // namespace bellpull
