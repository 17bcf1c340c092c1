// One trigger whose time has come: what is to be done about it, and doing it in a transaction.
//
// Deciding reads no store and keeping computes nothing, so that the one writer spends its time on
// writing. What was decided is kept only if the row is still the one it was decided on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "schedule/catch_up.h"
#include "store/transaction.h"

namespace bellpull {

// A trigger as it was read, with how its last occurrences ended if its policy asks.
struct ScheduledTrigger {
  Trigger trigger;
  std::vector<RunState> ends;  // newest first
};

std::optional<ScheduledTrigger> read_scheduled(const Transaction& snapshot, TriggerKey trigger);

struct Halt {
  ScheduleState state = ScheduleState::paused;
  std::string reason;
};

// A series of occurrences that are skipped because the run before them goes on. The owner is told
// when it begins, every hour, and when it ends: not of each, for there may be one a second.
struct Skips {
  std::optional<TimePoint> told_at;  // nothing: there is no series
  std::int64_t count = 0;            // since then
  TimePoint first;
  TimePoint last;
};

struct Firing {
  Trigger trigger;           // as it was read
  std::optional<Halt> halt;  // instead of the plan
  FiringPlan plan;
  Skips skips;  // until now
};

// Why the schedule is to be paused, if it is: too many failed runs in a row.
std::optional<Halt> halt_after_failures(const ScheduledTrigger& read);

// For a trigger that is due. What had its time since `attended_since`, or shortly before, is only
// late, however busy the server was; what had it longer ago was missed, as of then. `limit`: of the
// occurrences that it fires.
Firing decide_firing(const ScheduledTrigger& read, TimePoint attended_since, TimePoint now,
                     std::size_t limit);

// What a transaction takes at most, so that it does not keep the writer for 5 ms.
inline constexpr std::size_t max_kept_occurrences = 64;
inline constexpr std::size_t max_kept_bytes = std::size_t{1} << 20;

// How many of them, from the first on, go into a transaction; at least one.
std::size_t count_kept_together(std::span<const Firing> firings);

struct Fired {
  bool was_stale = false;  // the row was another one: nothing was done
  std::int64_t fired = 0;
  std::int64_t overlapped = 0;
  std::int64_t missed = 0;
  Duration late{0};  // sum over those that fired
  Skips skips;       // from now on
};

Fired keep_firing(Transaction& rows, const Firing& firing, TimePoint now);

}  // namespace bellpull
