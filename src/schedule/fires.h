// The next times of a schedule as people check them: in the zone's own clock, with its offset.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/time.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"

namespace bellpull {

struct Fire {
  TimePoint at;
  LocalTime local;
  std::chrono::seconds offset{0};
};

// At most `count` times after `after`; fewer where they end. For `anchor` see Schedule::next_after.
std::vector<Fire> next_fires(const Schedule& schedule, const TimeZone& zone, TimePoint after,
                             TimePoint anchor, std::size_t count);

// Where neighbours differ in their offset: "The clocks go forward on 29 March 2026, from +01:00 to
// +02:00". Empty when none do.
std::string clock_change_note(const std::vector<Fire>& fires, const TimeZone& zone);

// "2026-03-29T03:00:00", with milliseconds when there are any.
std::string local_text(LocalTime time);

// "+02:00", "-03:30"; with seconds when there are any.
std::string offset_text(std::chrono::seconds offset);

}  // namespace bellpull
