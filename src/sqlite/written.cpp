#include "sqlite/written.h"

#include "domain/ids.h"
#include "domain/run.h"
#include "sqlite/columns.h"
#include "sqlite/database.h"
#include "store/run_records.h"

namespace bellpull {

PendingRun read_pending(const Statement& statement) {
  PendingRun run{.run = RunId{statement.number(0)},
                 .trigger = TriggerKey{statement.number(1)},
                 .account = AccountKey{statement.number(2)},
                 .session = statement.number(3),
                 .state = static_cast<RunState>(statement.number(4))};
  read_value(statement, 5, run.due_at);
  return run;
}

}  // namespace bellpull
