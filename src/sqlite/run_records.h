// What workers record about runs: the statements of the record door, inside the writer's
// transaction. Every guarded update names the lease, so that a late worker changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/transcript.h"
#include "domain/usage.h"
#include "sqlite/database.h"
#include "sqlite/log_table.h"
#include "sqlite/run_log.h"
#include "sqlite/run_table.h"
#include "sqlite/session_opener.h"
#include "sqlite/usage_table.h"
#include "sqlite/written.h"
#include "store/run_records.h"

namespace bellpull {

class RunRecords {
 public:
  RunRecords(Database& database, const RunTable& runs, const UsageTable& usage, LogTable& log,
             Random& random, Written& written);

  Result<ClaimedRun> claim(const Claim& claim);
  Result<OpenedRun> open(const OpenRun& open);
  Result<void> append_steps(const AppendSteps& append);
  Result<void> finish(const FinishRun& finish);
  Result<void> renew(const RenewLease& renew);

  // Ends a pending run, whoever holds it. Its calls that have no result get an unknown outcome:
  // whoever makes them can't record any more.
  bool cancel(RunId run, std::string_view reason, TimePoint now);
  // Makes a retrying or waiting run due at once; nothing for any other.
  bool retry(RunId run, TimePoint now);
  // See RunStore::wake().
  bool wake(RunId run, TimePoint now);
  // See RunStore::resolve().
  Result<ResolvedCall> resolve(const StepId& result, const Resolution& resolution, TimePoint now);
  // What was running is queued again. The data directory's lock says that no other process holds
  // these leases. A process that died may have been killed by one of these runs, so their attempts
  // count; a store that failed was not. Gives how many there were.
  enum class After : std::uint8_t { process_death, store_failure };
  std::int64_t recover(After after);

 private:
  // What the guarded statements need to know of a run that is held under a lease.
  struct Held {
    PendingRun run;
    std::int64_t attempt = 0;
    std::int64_t steps = 0;
    ConversationKey conversation;          // 0 before the run has met it
    std::optional<std::int64_t> messages;  // that it has; nothing when it is gone
    BotKey bot;                            // that opened it
    bool woken = false;                    // while it was held under this lease
    LoggedRun logged;
  };

  // Numbers of the intents that have no result.
  std::vector<std::int64_t> open_calls(RunId run);
  std::optional<Held> held(const Lease& lease);
  Held read_held(Statement& statement);
  std::optional<Event> event_to_open(RunId run);
  void add_steps(Held& held, std::span<const NewStep> steps, TimePoint now);
  void write_steps(Held& held, std::span<const NewStep> steps, TimePoint now);
  std::int64_t write_opening(Held& held, const NewStep& step, TimePoint now);
  // Gives what the run's row adds up, model calls each by the price that it has now.
  UsageCounts count(const Held& held, const RunUsage& usage, TimePoint now);
  // Whatever lease it is held under.
  void end(Held& held, const FinishRun& finish);
  UsageCounts& used(const Held& held, std::string_view model, TimePoint now);
  bool make_due(Statement& statement, RunId run, TimePoint now);
  // Counts and logs what these steps, the last that were written, are about.
  void note(Held& held, std::span<const NewStep> steps, TimePoint now);
  void changed(PendingRun run, RunState state, std::optional<TimePoint> due_at);

  const RunTable& runs_;
  const UsageTable& usage_;
  RunLog log_;
  Written& written_;
  SessionOpener opener_;
  Statement claim_;
  Statement to_claim_;
  Statement event_to_open_;
  Statement held_;
  Statement any_;
  Statement last_calls_;
  Statement insert_step_;
  Statement add_messages_;
  Statement insert_message_;
  Statement count_;
  Statement open_;
  Statement finish_;
  Statement renew_;
  Statement void_approvals_;
  Statement retry_;
  Statement wake_;
  Statement note_woken_;
  Statement resolvable_;
  Statement add_unknown_;
  Statement add_resolved_;
  Statement recover_;
};

}  // namespace bellpull
