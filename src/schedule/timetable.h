// The occurrences of one trigger's schedule: in its zone, within its start and end, each with the
// time at which it fires.
//
// Jitter spreads what is due at the same time: an occurrence fires up to that much later, but
// before the next one is due. How much is made from the trigger and the due time alone, so it is
// the same after a crash and on every server.
//
// Pure. A value. Threads: any.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"

namespace bellpull {

struct Occurrence {
  TimePoint due;       // what makes it unique, with its trigger
  TimePoint fires_at;  // the same, but for jitter

  bool operator==(const Occurrence&) const = default;
};

class Timetable {
 public:
  // Fails with `invalid` when the schedule or its zone can't be read. A trigger without a schedule
  // has a timetable without occurrences.
  static Result<Timetable> of(const Trigger& trigger);

  // With one that was promised before, by whatever rules: it counts, though it may not be among
  // those that the schedule has by today's. It is not later than they are.
  void keep(const Occurrence& promised) { promised_ = promised; }

  // The first that is due after a time; both their times only grow.
  std::optional<Occurrence> next_after(TimePoint due) const;

  // See Schedule.
  Duration least_gap() const { return schedule_.least_gap(); }

 private:
  Timetable(const Schedule& schedule, const TimeZone& zone, const Trigger& trigger);

  std::optional<TimePoint> due_after(TimePoint time) const;
  Duration delay_of(TimePoint due) const;

  Schedule schedule_;
  TimeZone zone_;
  TriggerKey trigger_;
  TimePoint anchor_;
  std::optional<TimePoint> start_;
  std::optional<TimePoint> end_;
  Duration jitter_{0};
  std::optional<Occurrence> promised_;
};

}  // namespace bellpull
