#include "schedule/catch_up.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/time.h"
#include "domain/trigger.h"
#include "schedule/timetable.h"

namespace bellpull {

namespace {

constexpr Duration least{1};
// Enough to tell a gap from a flood.
constexpr std::int64_t most_counted = 1'000;

// The missed occurrences of a schedule. They come before all others, for an occurrence that is due
// later fires later.
class Backlog {
 public:
  Backlog(const Timetable& timetable, TimePoint now)
      : timetable_(timetable), until_(now - missed_after) {}

  std::optional<Occurrence> next_after(TimePoint due) {
    ++looks_;
    return timetable_.next_after(due);
  }
  bool is_missed(const Occurrence& one) const { return one.fires_at < until_; }
  std::int64_t looks() const { return looks_; }

  // The due time after which there are no more than the newest `count`, or `from` if there are no
  // more after that. There may be millions, so it walks only over the last of them: from where they
  // begin if they keep the pace of the first ones, or else from a place found by looking farther
  // back, or by halving when that was too far.
  TimePoint start_of_newest(TimePoint from, std::int64_t count) {
    if (!may_be_longer(from, count)) return from;
    const auto needed = static_cast<std::size_t>(count) + 1;
    std::optional<TimePoint> longer;  // after it there are far too many
    TimePoint shorter = until_;       // and after this one not enough
    TimePoint begin = std::max(from, until_ - pace_after(from) * (count + 2));
    for (;;) {
      const Walk walked = walk(begin, needed);
      if (walked.is_too_long) {
        longer = begin;
      } else if (walked.newest.size() == needed) {
        return walked.newest.front();
      } else if (begin == from) {
        return from;
      } else {
        shorter = begin;
      }
      begin = longer ? *longer + (shorter - *longer) / 2
                     : std::max(from, until_ - (until_ - begin) * 4);
    }
  }

  // Those after one time that are due no later than another.
  Missed between(TimePoint after, TimePoint until) {
    Missed missed;
    if (after >= until) return missed;
    for (auto one = next_after(after); one && one->due <= until; one = next_after(one->due)) {
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
  struct Walk {
    std::deque<TimePoint> newest;  // due times, the oldest first
    bool is_too_long = false;
  };

  // Whether the time is long enough for more than `count`.
  bool may_be_longer(TimePoint from, std::int64_t count) const {
    return until_ > from && (until_ - from) / timetable_.least_gap() >= count;
  }

  // Between the first two.
  Duration pace_after(TimePoint from) {
    const auto first = next_after(from);
    const auto second = first ? next_after(first->due) : std::nullopt;
    return second ? second->due - first->due : until_ - from;
  }

  // The newest `needed`, from a time on; it gives up when there are many more.
  Walk walk(TimePoint from, std::size_t needed) {
    Walk walked;
    std::size_t left = 4 * needed + 16;
    for (auto one = next_after(from); one && is_missed(*one); one = next_after(one->due)) {
      if (left-- == 0) {
        walked.is_too_long = true;
        break;
      }
      if (walked.newest.size() == needed) walked.newest.pop_front();
      walked.newest.push_back(one->due);
    }
    return walked;
  }

  const Timetable& timetable_;
  const TimePoint until_;
  std::int64_t looks_ = 0;
};

// The time after which every due occurrence fires.
TimePoint start_of_firing(Backlog& backlog, const Trigger& trigger, TimePoint before_first,
                          TimePoint now) {
  const TimePoint after_all = backlog.start_of_newest(before_first, 0);
  TimePoint from = before_first;
  if (trigger.schedule_catch_up_window) {
    // It leaves what is only late alone.
    const TimePoint window = now - Duration{*trigger.schedule_catch_up_window} - least;
    from = std::max(from, std::min(window, after_all));
  }
  switch (trigger.schedule_catch_up) {
    case CatchUp::none:
      return after_all;
    case CatchUp::all:
      return backlog.start_of_newest(
          from, trigger.schedule_catch_up_limit.value_or(default_catch_up_limit));
    case CatchUp::last:
      break;
  }
  const auto fresh = backlog.next_after(after_all);
  const bool fires_anyway = fresh && fresh->fires_at <= now;
  return fires_anyway ? after_all : backlog.start_of_newest(from, 1);
}

}  // namespace

FiringPlan plan_firing(const Timetable& timetable, const Trigger& trigger, TimePoint first_due,
                       TimePoint now, std::size_t limit) {
  const TimePoint before_first = first_due - least;
  FiringPlan plan;
  TimePoint start = before_first;
  Backlog backlog{timetable, now};
  const auto first = backlog.next_after(before_first);
  if (first && backlog.is_missed(*first)) {
    start = start_of_firing(backlog, trigger, before_first, now);
    plan.missed = backlog.between(before_first, start);
  }
  plan.next = backlog.next_after(start);
  while (plan.next && plan.next->fires_at <= now && plan.fire.size() < limit) {
    plan.fire.push_back(*plan.next);
    plan.next = backlog.next_after(plan.next->due);
  }
  plan.looks = backlog.looks();
  return plan;
}

}  // namespace bellpull
