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
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "store/accept.h"

namespace bellpull {

// What the next times of a store were made by.
struct ScheduleBasis {
  std::string rules;  // of the schedules' language and of the zones (schedule/renewal.h)
  TimePoint seen_at;  // the latest that the clock was seen to show, within an hour

  bool operator==(const ScheduleBasis&) const = default;
};

// Whose next times are to be looked at: all that go by a schedule, or those that could not be read.
enum class RenewalScope : std::uint8_t { all, unreadable };

struct RenewalPage {
  std::vector<TriggerKey> triggers;
  std::optional<TriggerKey> passed;  // where it goes on; nothing at the end
};

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
  };
  // Whether the schedule still stood where `read` says; otherwise nothing is done.
  virtual bool advance(const Trigger& read, const Next& next) = 0;
  // The same, to a halt, with the reason; nor is anything done if it was resumed since.
  virtual bool halt(const Trigger& read, ScheduleState state, std::string_view error) = 0;
  // The same, to a next time that was made anew; one that could not be read is active again.
  virtual bool renew(const Trigger& read, const Next& next) = 0;
  virtual void mark_fired(TriggerKey trigger, TimePoint at) = 0;
  // Keeps the event of an occurrence; its run is queued. Nothing when it has one already, or when
  // the trigger takes no events.
  virtual std::optional<EventId> add(const NewEvent& event) = 0;

  // All that have a next time, in the order of (time, trigger), after one of them.
  virtual std::vector<NextTime> next_times(const NextTime& after, std::int64_t limit) const = 0;
  // In the order of their keys; passes a limited number of rows.
  virtual RenewalPage to_renew(RenewalScope scope, TriggerKey after, std::int64_t rows) const = 0;
  // Nothing: the next times are of a time before there was a scheduler.
  virtual std::optional<ScheduleBasis> basis() const = 0;
  virtual void keep_basis(const ScheduleBasis& basis) = 0;
  // Whether a run of the newest occurrences has not ended: not the newest alone, for a clock that
  // was set back makes earlier ones later.
  virtual bool is_one_pending(TriggerKey trigger) const = 0;
  // Whether the occurrence has its event.
  virtual bool has(TriggerKey trigger, TimePoint due) const = 0;
  // How the newest occurrences since the schedule was last resumed ended, newest first; those that
  // are pending or were canceled are passed over.
  virtual std::vector<RunState> newest_ends(TriggerKey trigger, std::int64_t limit) const = 0;
};

}  // namespace bellpull
