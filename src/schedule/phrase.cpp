// Schedule::phrase(): each kind of schedule in words.
#include <array>
#include <cctype>
#include <chrono>
#include <cstdint>
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

// "Wednesday 1 July 2026 at 09:30".
std::string moment_words(LocalTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::hh_mm_ss clock{time - day};
  std::string text =
      fmt::format("{} {} at {:02}:{:02}", weekday_name(std::chrono::weekday{day}.c_encoding()),
                  date_words(day), clock.hours().count(), clock.minutes().count());
  if (clock.seconds() == 0s && clock.subseconds() == 0ms) return text;
  text += fmt::format(":{:02}", clock.seconds().count());
  if (clock.subseconds() != 0ms) text += fmt::format(".{:03}", clock.subseconds().count());
  return text;
}

std::string capitalised(std::string text) {
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace

std::string Schedule::phrase(const TimeZone& zone) const {
  if (const auto* interval = std::get_if<Interval>(&kind_)) {
    return fmt::format("Every {}, counted from when the schedule was set",
                       duration_words(interval->period));
  }
  if (const auto* cron = std::get_if<CronExpression>(&kind_)) {
    return fmt::format("{}, {}", capitalised(cron_phrase(*cron)), zone.name());
  }
  // The clock shows the instant at which it runs, also when the written time does not exist.
  if (const auto* instant = std::get_if<Instant>(&kind_)) {
    return fmt::format("Once, on {}, {}", moment_words(zone.local(instant->time)), zone.name());
  }
  if (const auto* moment = std::get_if<LocalMoment>(&kind_)) {
    const TimePoint time = zone.instant_of(moment->time);
    return fmt::format("Once, on {}, {}", moment_words(zone.local(time)), zone.name());
  }
  return "Never by itself";
}

}  // namespace bellpull
