// What the running transaction did that listeners will be told of once it is committed.
#pragma once

#include <vector>

#include "domain/ids.h"
#include "sqlite/database.h"
#include "store/run_records.h"

namespace bellpull {

struct Written {
  std::vector<RunChange> runs;
  std::vector<TriggerKey> triggers;
  std::vector<AccountKey> accounts;
  bool configuration = false;
  bool jobs = false;       // a background job was started
  bool indexable = false;  // the index file has rows to catch up with
};

// Columns: id, trigger, account, session, state, due_at.
PendingRun read_pending(const Statement& statement);

}  // namespace bellpull
