#include "sqlite/trigger_table.h"

#include <optional>

#include "base/random.h"
#include "base/result.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "sqlite/database.h"
#include "sqlite/resource_table.h"
#include "sqlite/written.h"

namespace bellpull {

TriggerTable::TriggerTable(Database& database, Random& random, Written& written)
    : ResourceTable(database, random,
                    [&written](TriggerKey trigger, AccountKey account, Write) {
                      written.configures(account);
                      written.triggers.push_back(trigger);
                    }),
      written_(written) {}

Result<void> TriggerTable::add(Trigger& trigger) {
  if (auto added = ResourceTable<Trigger>::add(trigger); !added) return added;
  if (trigger.next_trigger_at) {
    written_.next_times.push_back({trigger.id.key, trigger.next_trigger_at});
  }
  return {};
}

Result<void> TriggerTable::update(const Trigger& trigger) {
  std::optional<Trigger> before = find(trigger.id);
  if (before && before->state != trigger.state) {
    written_.trigger_states.emplace_back(trigger.id.key, trigger.state);
  }
  if (before && before->next_trigger_at != trigger.next_trigger_at) {
    written_.next_times.push_back({trigger.id.key, trigger.next_trigger_at});
  }
  if (before) {
    before->last_trigger_at = trigger.last_trigger_at;
    before->next_due_at = trigger.next_due_at;
    before->next_trigger_at = trigger.next_trigger_at;
    if (*before == trigger) return overwrite(trigger);
  }
  return ResourceTable<Trigger>::update(trigger);
}

}  // namespace bellpull
