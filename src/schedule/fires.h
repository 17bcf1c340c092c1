// The next occurrences of a timetable as people check them: in the zone's own clock, with its
// offset.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/time.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"

namespace bellpull {

struct Fire {
  TimePoint at;        // when it is due
  TimePoint fires_at;  // later where jitter delays it
  LocalTime local;     // of `at`
  std::chrono::seconds offset{0};
};

// At most `count` that are due after `after`; fewer where they end.
std::vector<Fire> next_fires(const Timetable& timetable, const TimeZone& zone, TimePoint after,
                             std::size_t count);

// Where neighbours differ in their offset, and `from` and the first: "The clocks go forward on 29
// March 2026, from +01:00 to +02:00". The first two changes in words, and how many follow. Empty
// when there is none.
std::string clock_change_note(TimePoint from, const std::vector<Fire>& fires, const TimeZone& zone);

// "2026-03-29T03:00:00", with milliseconds when there are any.
std::string local_text(LocalTime time);

// "+02:00", "-03:30"; with seconds when there are any.
std::string offset_text(std::chrono::seconds offset);

}  // namespace bellpull
