#include "api/trigger_timing.h"

#include <expected>
#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "domain/trigger.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"

namespace bellpull {

Result<std::optional<TimePoint>> next_time(const Trigger& trigger, TimePoint now) {
  const Result<TimeZone> zone = TimeZone::find(trigger.timezone.value_or(""));
  if (!zone) return std::unexpected(zone.error());
  if (!trigger.schedule) return std::nullopt;
  const Result<Schedule> schedule = Schedule::parse(*trigger.schedule);
  if (!schedule) return std::unexpected(schedule.error());
  // A paused one fires when it is resumed, at the next time from then on.
  if (trigger.state == TriggerState::paused) return std::nullopt;
  return schedule->next_after(now, *zone, trigger.schedule_anchor);
}

}  // namespace bellpull
