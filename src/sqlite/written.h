// What the running transaction did that listeners will be told of once it is committed.
#pragma once

#include <utility>
#include <vector>

#include "domain/ids.h"
#include "domain/trigger.h"
#include "sqlite/database.h"
#include "sqlite/usage_table.h"
#include "store/occurrences.h"
#include "store/run_records.h"

namespace bellpull {

struct Written {
  std::vector<RunChange> runs;
  std::vector<TriggerKey> triggers;
  std::vector<std::pair<TriggerKey, TriggerState>> trigger_states;  // those that changed
  std::vector<NextTime> next_times;  // of triggers whose next time changed
  std::vector<AccountKey> accounts;
  std::vector<AccountKey> configurations;  // accounts whose configuration changed
  std::vector<AccountKey> logged;          // accounts whose event log has new entries
  UsageTally usage;                        // kept with the commit itself
  bool jobs = false;                       // a background job was started
  bool imports = false;                    // an attachment was written
  bool indexable = false;                  // the index file has rows to catch up with

  void logs(AccountKey account) {
    if (logged.empty() || logged.back() != account) logged.push_back(account);
  }
  // Once is enough for the many writes of one call.
  void configures(AccountKey account) {
    if (configurations.empty() || configurations.back() != account) {
      configurations.push_back(account);
    }
  }
};

// Columns: id, trigger, account, session, state, due_at.
PendingRun read_pending(const Statement& statement);

}  // namespace bellpull
