// Which occurrences of a schedule fire now, and which were missed.
//
// An occurrence counts as missed when it could not be fired for more than a minute: nobody was
// there, or the clock was set forward. Until then it is only late, and fires whatever the policy.
// Of the missed ones fire, by the trigger's policy:
//
//   none  nothing
//   last  the newest, unless a later one fires now anyway
//   all   each, the oldest first, up to a number of the newest
//
// and never one that was due longer ago than the policy's window. What is only late is none of
// these rules': of a schedule of every second with `none`, a minute fires after a longer pause. A
// shorter patience for such schedules would lose occurrences whenever the machine is busy.
//
// Pure. Threads: any.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "domain/trigger.h"
#include "schedule/timetable.h"

namespace bellpull {

inline constexpr Duration missed_after = std::chrono::minutes{1};

// Missed occurrences that do not fire.
struct Missed {
  std::int64_t count = 0;
  bool more = false;  // than were counted
  TimePoint first;    // when they were due; of more than were counted, the last is not told
  TimePoint last;
};

struct FiringPlan {
  std::vector<Occurrence> fire;    // in order; no more than asked for
  std::optional<Occurrence> next;  // where the schedule goes on: it may fire now, too
  Missed missed;
  std::int64_t looks = 0;  // at the timetable: the price of the plan
};

// From the occurrence that was due at `first_due` on, which is due.
FiringPlan plan_firing(const Timetable& timetable, const Trigger& trigger, TimePoint first_due,
                       TimePoint now, std::size_t limit);

}  // namespace bellpull
