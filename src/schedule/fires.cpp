#include "schedule/fires.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/time.h"
#include "schedule/calendar_words.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"

namespace bellpull {

std::vector<Fire> next_fires(const Schedule& schedule, const TimeZone& zone, TimePoint after,
                             TimePoint anchor, std::size_t count) {
  std::vector<Fire> fires;
  while (fires.size() < count) {
    const auto next = schedule.next_after(after, zone, anchor);
    if (!next) break;
    const ZonePeriod period = zone.period_at(*next);
    fires.push_back({*next, period.local(*next), period.offset});
    after = *next;
  }
  return fires;
}

std::string clock_change_note(const std::vector<Fire>& fires, const TimeZone& zone) {
  std::string note;
  for (std::size_t i = 1; i < fires.size(); ++i) {
    if (fires[i].offset == fires[i - 1].offset) continue;
    const ZonePeriod period = zone.period_at(fires[i].at);
    note +=
        fmt::format("{} {} on {}, from {} to {}", note.empty() ? "The clocks go" : ", then",
                    fires[i].offset > fires[i - 1].offset ? "forward" : "back",
                    date_words(std::chrono::floor<std::chrono::days>(period.local(period.begin))),
                    offset_text(fires[i - 1].offset), offset_text(fires[i].offset));
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
