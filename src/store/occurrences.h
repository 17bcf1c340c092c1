// Schedules as they are kept: when each trigger fires next, and the one event of each occurrence.
//
// Invariant: a trigger has one event at most for each time that its schedule is due, by a unique
// index; and a schedule moves on only from where it was read, by a guarded update. So two
// schedulers on one store, or one that has been started again, cannot fire an occurrence twice.
//
// Lifetime: lives inside its Transaction. Threads: the store's own.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "store/accept.h"

namespace bellpull {

struct NextTime {
  TriggerKey trigger;
  std::optional<TimePoint> fires_at;  // nothing: never

  bool operator==(const NextTime&) const = default;
};

class OccurrenceStore {
 public:
  virtual ~OccurrenceStore() = default;

  // Where the schedule of a trigger goes on.
  struct Next {
    std::optional<TimePoint> due_at;
    std::optional<TimePoint> fires_at;
    std::optional<TimePoint> fired_at;  // that it fired now, if it did
  };
  // Whether the schedule still stood where `read` says; otherwise nothing is done.
  virtual bool advance(const Trigger& read, const Next& next) = 0;
  // The same, to a halt, with the reason.
  virtual bool halt(const Trigger& read, ScheduleState state, std::string_view error) = 0;
  // Keeps the event of an occurrence; its run is queued. Nothing when it has one already, or when
  // the trigger takes no events.
  virtual std::optional<EventId> add(const NewEvent& event) = 0;

  // All that have a next time, in the order of (time, trigger), after one of them.
  virtual std::vector<NextTime> next_times(const NextTime& after, std::int64_t limit) const = 0;
  // Whether the run of the newest occurrence has not ended.
  virtual bool is_newest_pending(TriggerKey trigger) const = 0;
  // How the newest occurrences that were due after a time ended, newest first; those that are
  // pending or were canceled are passed over.
  virtual std::vector<RunState> newest_ends(TriggerKey trigger, TimePoint due_after,
                                            std::int64_t limit) const = 0;
};

}  // namespace bellpull
