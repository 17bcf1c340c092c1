#include "schedule/fires.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/time.h"
#include "schedule/calendar_words.h"
#include "schedule/number_words.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"

namespace bellpull {

namespace {

// A hundred fires of a yearly schedule may have a hundred changes between them.
constexpr std::size_t max_told_changes = 2;

std::string change_words(const ZonePeriod& before, const ZonePeriod& after) {
  return fmt::format("{} on {}, from {} to {}", after.offset > before.offset ? "forward" : "back",
                     date_words(std::chrono::floor<std::chrono::days>(after.local(after.begin))),
                     offset_text(before.offset), offset_text(after.offset));
}

}  // namespace

std::vector<Fire> next_fires(const Timetable& timetable, const TimeZone& zone, TimePoint after,
                             std::size_t count) {
  std::vector<Fire> fires;
  while (fires.size() < count) {
    const auto next = timetable.next_after(after);
    if (!next) break;
    const ZonePeriod period = zone.period_at(next->due);
    fires.push_back({next->due, next->fires_at, period.local(next->due), period.offset});
    after = next->due;
  }
  return fires;
}

std::string clock_change_note(TimePoint from, const std::vector<Fire>& fires,
                              const TimeZone& zone) {
  std::string note;
  std::size_t changes = 0;
  ZonePeriod before = zone.period_at(from);
  for (const Fire& fire : fires) {
    const ZonePeriod after = zone.period_at(fire.at);
    if (after.offset != before.offset && ++changes <= max_told_changes) {
      note += (note.empty() ? "The clocks go " : ", then ") + change_words(before, after);
    }
    before = after;
  }
  if (changes > max_told_changes) {
    note += fmt::format(", and {} more", counted(changes - max_told_changes, "time"));
  }
  return note;
}

std::string local_text(LocalTime time) {
  // ISO 8601 without its "Z", and without ".000".
  std::string text = to_iso(TimePoint{time.time_since_epoch()});
  text.pop_back();
  if (text.ends_with(".000")) text.resize(text.size() - 4);
  return text;
}

std::string offset_text(std::chrono::seconds offset) {
  const std::chrono::hh_mm_ss clock{std::chrono::abs(offset)};
  std::string text = fmt::format("{}{:02}:{:02}", offset.count() < 0 ? '-' : '+',
                                 clock.hours().count(), clock.minutes().count());
  if (clock.seconds().count() != 0) text += fmt::format(":{:02}", clock.seconds().count());
  return text;
}

}  // namespace bellpull
