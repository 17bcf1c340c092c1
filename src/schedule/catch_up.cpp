#include "schedule/catch_up.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "domain/trigger.h"
#include "schedule/timetable.h"

namespace bellpull {

namespace {

constexpr Duration least{1};
// Enough to tell a gap from a flood.
constexpr std::int64_t most_counted = 1'000;

// The missed occurrences that are due after a time, and how many of them are to be kept.
class Backlog {
 public:
  Backlog(const Timetable& timetable, TimePoint now)
      : timetable_(timetable), until_(now - missed_after) {}

  bool is_missed(const Occurrence& one) const { return one.fires_at < until_; }

  // Whether there are more than `limit` after a time.
  bool is_longer(TimePoint after, std::int64_t limit) const {
    auto one = timetable_.next_after(after);
    for (; one && is_missed(*one); one = timetable_.next_after(one->due)) {
      if (--limit < 0) return true;
    }
    return false;
  }

  // The earliest time from `from` on after which there are no more than `limit`. By halving the
  // time between, for there may be millions of occurrences in it.
  TimePoint start_of_newest(TimePoint from, std::int64_t limit) const {
    if (!is_longer(from, limit)) return from;
    TimePoint longer = from;
    TimePoint not_longer = until_;  // nothing that is due later is missed
    while (not_longer - longer > least) {
      const TimePoint middle = longer + (not_longer - longer) / 2;
      (is_longer(middle, limit) ? longer : not_longer) = middle;
    }
    return not_longer;
  }

  // Those after one time that are due no later than another.
  Missed between(TimePoint after, TimePoint until) const {
    Missed missed;
    for (auto one = timetable_.next_after(after); one && one->due <= until;
         one = timetable_.next_after(one->due)) {
      if (missed.count == most_counted) {
        missed.more = true;
        break;
      }
      if (missed.count++ == 0) missed.first = one->due;
      missed.last = one->due;
    }
    return missed;
  }

 private:
  const Timetable& timetable_;
  const TimePoint until_;
};

// The time after which every due occurrence fires.
TimePoint start_of_firing(const Backlog& backlog, const Timetable& timetable,
                          const Trigger& trigger, TimePoint before_first, TimePoint now) {
  TimePoint from = before_first;
  if (trigger.schedule_catch_up_window) {
    from = std::max(from, now - Duration{*trigger.schedule_catch_up_window} - least);
  }
  switch (trigger.schedule_catch_up) {
    case CatchUp::none:
      return backlog.start_of_newest(from, 0);
    case CatchUp::all:
      return backlog.start_of_newest(
          from, trigger.schedule_catch_up_limit.value_or(default_catch_up_limit));
    case CatchUp::last:
      break;
  }
  const TimePoint after_all = backlog.start_of_newest(from, 0);
  const auto fresh = timetable.next_after(after_all);
  const bool fires_anyway = fresh && fresh->fires_at <= now;
  return fires_anyway ? after_all : backlog.start_of_newest(from, 1);
}

}  // namespace

FiringPlan plan_firing(const Timetable& timetable, const Trigger& trigger, TimePoint first_due,
                       TimePoint now, std::size_t limit) {
  const TimePoint before_first = first_due - least;
  FiringPlan plan;
  TimePoint start = before_first;
  const Backlog backlog{timetable, now};
  const auto first = timetable.next_after(before_first);
  if (first && backlog.is_missed(*first)) {
    start = start_of_firing(backlog, timetable, trigger, before_first, now);
    plan.missed = backlog.between(before_first, start);
  }
  plan.next = timetable.next_after(start);
  while (plan.next && plan.next->fires_at <= now && plan.fire.size() < limit) {
    plan.fire.push_back(*plan.next);
    plan.next = timetable.next_after(plan.next->due);
  }
  return plan;
}

}  // namespace bellpull
