// The event log's entries of a run: its opening, its actions, its end. The first is written whole;
// the others refer to it (log_table.h).
//
// Failures of SQLite throw SqliteError. Lifetime: borrows the database and the log's table, and
// lives inside the writer's session. Threads: the writer's.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/time.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "domain/run.h"
#include "sqlite/database.h"
#include "sqlite/log_table.h"
#include "store/run_records.h"

namespace bellpull {

// What its entries need to know of a run.
struct LoggedRun {
  AccountKey account;
  TriggerKey trigger;
  RunId run;
  LogId first;  // its first entry; 0 before it has one
};

class RunLog {
 public:
  RunLog(Database& database, LogTable& log);

  // What the opening made, besides finding it.
  struct Made {
    bool contact = false;
    bool conversation = false;
  };
  // Gives the run's first entry.
  LogId open(const Event& event, const OpenRun& open, const OpenedRun& opened, Made made);
  void add_actions(LoggedRun& logged, std::span<const NewStep> steps, TimePoint now);
  // A call whose outcome nobody knows, by the step that says so.
  void add_unknown(LoggedRun& logged, const StepId& result, TimePoint now);
  void end(LoggedRun& logged, RunState state, std::string_view reason, TimePoint now);

 private:
  LogId first_of(LoggedRun& logged, TimePoint now);
  std::optional<TriggerId> trigger_of(const LoggedRun& logged);
  void add(LoggedRun& logged, LogItem& item);

  LogTable& log_;
  Statement trigger_tag_;
};

}  // namespace bellpull
