#include "schedule/timetable.h"

#include <algorithm>
#include <cstdint>
#include <expected>
#include <optional>

#include "base/result.h"
#include "base/stable_hash.h"
#include "base/time.h"
#include "domain/trigger.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"

namespace bellpull {

namespace {

constexpr Duration least{1};

}  // namespace

Result<Timetable> Timetable::of(const Trigger& trigger) {
  const Result<TimeZone> zone = TimeZone::find(trigger.timezone.value_or(""));
  if (!zone) return std::unexpected(zone.error());
  const Result<Schedule> schedule = Schedule::parse(trigger.schedule.value_or(""));
  if (!schedule) return std::unexpected(schedule.error());
  return Timetable{*schedule, *zone, trigger};
}

// An interval that has a start counts from there.
Timetable::Timetable(const Schedule& schedule, const TimeZone& zone, const Trigger& trigger)
    : schedule_(schedule),
      zone_(zone),
      trigger_(trigger.id.key),
      anchor_(trigger.schedule_start_at.value_or(trigger.schedule_anchor)),
      start_(trigger.schedule_start_at),
      end_(trigger.schedule_end_at),
      jitter_(trigger.schedule_jitter.value_or(0)) {}

std::optional<Occurrence> Timetable::next_after(TimePoint due) const {
  if (promised_ && promised_->due > due) return promised_;
  const auto next = due_after(due);
  if (!next) return std::nullopt;
  return Occurrence{.due = *next, .fires_at = *next + delay_of(*next)};
}

std::optional<TimePoint> Timetable::due_after(TimePoint time) const {
  const TimePoint after = start_ ? std::max(time, *start_ - least) : time;
  // A cadence counts from its start, which is its first time.
  const bool begins = start_ && after < *start_ && schedule_.is_interval();
  const auto due = begins ? start_ : schedule_.next_after(after, zone_, anchor_);
  if (!due || (end_ && *due > *end_)) return std::nullopt;
  return due;
}

Duration Timetable::delay_of(TimePoint due) const {
  if (jitter_ == Duration{0}) return Duration{0};
  Duration most = jitter_;
  if (const auto following = due_after(due)) most = std::min(most, *following - due - least);
  const std::uint64_t hash = StableHash{}.add(trigger_.value).add(to_ms(due)).value();
  return Duration{static_cast<std::int64_t>(hash % (static_cast<std::uint64_t>(most.count()) + 1))};
}

}  // namespace bellpull
