// Schedule::phrase(): each kind of schedule in words.
#include <array>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>

#include "base/time.h"
#include "schedule/calendar_words.h"
#include "schedule/cron_expression.h"
#include "schedule/cron_phrase.h"
#include "schedule/fires.h"
#include "schedule/number_words.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"

namespace bellpull {

namespace {

using namespace std::chrono_literals;

// "15 minutes", "3 days and 12 hours". One day is "24 hours": one of the calendar may have 23.
std::string duration_words(Duration duration) {
  if (duration == 24h) return "24 hours";
  constexpr std::array<std::pair<Duration, std::string_view>, 4> units{
      {{24h, "day"}, {1h, "hour"}, {1min, "minute"}, {1s, "second"}}};
  std::vector<std::string> words;
  for (const auto& [unit, name] : units) {
    const auto count = static_cast<std::uint64_t>(duration / unit);
    if (count > 0) words.push_back(counted(count, std::string{name}));
    duration %= unit;
  }
  return words == std::vector<std::string>{"1 hour"} ? "hour" : joined(words);
}

// "09:30", "09:30:15.500".
std::string clock_words(LocalTime time) {
  const std::chrono::hh_mm_ss clock{time - std::chrono::floor<std::chrono::days>(time)};
  std::string text = fmt::format("{:02}:{:02}", clock.hours().count(), clock.minutes().count());
  if (clock.seconds() == 0s && clock.subseconds() == 0ms) return text;
  text += fmt::format(":{:02}", clock.seconds().count());
  if (clock.subseconds() != 0ms) text += fmt::format(".{:03}", clock.subseconds().count());
  return text;
}

// Whether the clock of the zone shows the time of this instant at another one, too.
bool occurs_twice(TimePoint time, const TimeZone& zone) {
  constexpr Duration farthest = 24h;  // no change of clocks is larger
  const ZonePeriod period = zone.period_at(time);
  const LocalTime local = period.local(time);
  if (period.end - farthest < time) {
    const ZonePeriod after = zone.period_at(period.end);
    if (after.instant(local) >= after.begin) return true;
  }
  if (time - farthest < period.begin) {
    const ZonePeriod before = zone.period_at(period.begin - 1ms);
    if (before.instant(local) < before.end) return true;
  }
  return false;
}

// "Wednesday 1 July 2026 at 09:30"; with its offset where the clock shows that time twice.
std::string moment_words(TimePoint time, const TimeZone& zone) {
  const ZonePeriod period = zone.period_at(time);
  const LocalTime local = period.local(time);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  return fmt::format("{} {} at {}{}", weekday_name(std::chrono::weekday{day}.c_encoding()),
                     date_words(day), clock_words(local),
                     occurs_twice(time, zone) ? " (" + offset_text(period.offset) + ")" : "");
}

// " (02:30 does not exist that day)", where the clocks pass over the written time.
std::string moved_words(LocalTime written, LocalTime shown) {
  if (written == shown) return {};
  const auto day = std::chrono::floor<std::chrono::days>(written);
  if (day == std::chrono::floor<std::chrono::days>(shown)) {
    return fmt::format(" ({} does not exist that day)", clock_words(written));
  }
  return fmt::format(" ({} at {} does not exist)", date_words(day), clock_words(written));
}

std::string capitalised(std::string text) {
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace

std::string Schedule::phrase(const TimeZone& zone, std::optional<TimePoint> start) const {
  if (const auto* interval = std::get_if<Interval>(&kind_)) {
    const std::string from = start ? fmt::format("{}, {}", moment_words(*start, zone), zone.name())
                                   : "when the schedule was set";
    return fmt::format("Every {}, counted from {}", duration_words(interval->period), from);
  }
  if (const auto* cron = std::get_if<CronExpression>(&kind_)) {
    return fmt::format("{}, {}", capitalised(cron_phrase(*cron)), zone.name());
  }
  const auto time = only_time(zone);
  if (!time) return "Never by itself";
  const auto* moment = std::get_if<LocalMoment>(&kind_);
  const std::string moved = moment ? moved_words(moment->time, zone.local(*time)) : "";
  return fmt::format("Once, on {}{}, {}", moment_words(*time, zone), moved, zone.name());
}

}  // namespace bellpull
