#include "schedule/cron_expression.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include <fmt/core.h>

#include "schedule/cron_field.h"
#include "schedule/problem.h"

namespace bellpull {

namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::year_month;
using std::chrono::year_month_day;

// A leap day may be 8 years away (2096 to 2104); nothing that matches a day at all is further.
constexpr std::chrono::years search_years{9};

constexpr std::chrono::year last_year{9999};

bool contains(std::uint64_t values, unsigned value) { return (values >> value & 1U) != 0; }

// The first value from `earliest` on. All our values are under 60, so the shift is defined for
// every caller's "one more than the last".
std::optional<unsigned> first_from(std::uint64_t values, unsigned earliest) {
  const std::uint64_t rest = values >> earliest << earliest;
  if (rest == 0) return std::nullopt;
  return static_cast<unsigned>(std::countr_zero(rest));
}

unsigned first_of(std::uint64_t values) { return static_cast<unsigned>(std::countr_zero(values)); }

unsigned longest(std::chrono::month month) {
  constexpr std::chrono::year leap_year{2000};
  return static_cast<unsigned>((leap_year / month / std::chrono::last).day());
}

}  // namespace

std::expected<CronExpression, ScheduleProblems> CronExpression::parse(
    std::span<const SchedulePart> fields) {
  Values values{1};  // second 0, unless the seconds are written
  ScheduleProblems problems;
  const std::size_t skipped = cron_field_count - fields.size();
  for (std::size_t i = skipped; i < cron_field_count; ++i) {
    auto parsed = parse_cron_field(static_cast<CronField>(i), fields[i - skipped]);
    if (parsed) {
      values[i] = *parsed;
    } else {
      std::ranges::move(parsed.error(), std::back_inserter(problems));
    }
  }
  if (problems.size() > max_schedule_problems) problems.resize(max_schedule_problems);
  if (!problems.empty()) return refuse_all(std::move(problems));
  const CronExpression result{values};
  if (!result.has_a_day()) {
    return refuse_all(fields[fields.size() - 3],
                      "it never runs: no month that it names has such a day-of-month",
                      fmt::format("use a day up to {}", result.longest_month()));
  }
  return result;
}

bool CronExpression::is_every_hour() const { return !is_restricted(CronField::hour); }

bool CronExpression::is_restricted(CronField field) const {
  return values(field) != all_values(field);
}

// A restricted day-of-week always has a day, as either match is enough.
bool CronExpression::has_a_day() const {
  if (is_restricted(CronField::day_of_week)) return true;
  return first_of(values(CronField::day_of_month)) <= longest_month();
}

unsigned CronExpression::longest_month() const {
  unsigned most = 0;
  for (unsigned month = 1; month <= 12; ++month) {
    if (contains(values(CronField::month), month)) {
      most = std::max(most, longest(std::chrono::month{month}));
    }
  }
  return most;
}

bool CronExpression::matches_day(local_days day) const {
  const year_month_day date{day};
  if (!contains(values(CronField::month), static_cast<unsigned>(date.month()))) return false;
  const bool by_month =
      contains(values(CronField::day_of_month), static_cast<unsigned>(date.day()));
  const bool by_week =
      contains(values(CronField::day_of_week), std::chrono::weekday{day}.c_encoding());
  const bool either =
      is_restricted(CronField::day_of_month) && is_restricted(CronField::day_of_week);
  return either ? by_month || by_week : by_month && by_week;
}

// Jumps over the months that do not match, so the work is at most 108 months, and in the matching
// ones until the first day that does.
std::optional<local_days> CronExpression::next_day(local_days after) const {
  const year_month_day from{after + days{1}};
  const std::chrono::year until = std::min(from.year() + search_years, last_year);
  local_days day{from};
  for (year_month month{from.year(), from.month()}; month.year() <= until;) {
    const year_month following = month + std::chrono::months{1};
    const local_days end{following / 1};
    if (contains(values(CronField::month), static_cast<unsigned>(month.month()))) {
      for (; day < end; day += days{1}) {
        if (matches_day(day)) return day;
      }
    }
    day = end;
    month = following;
  }
  return std::nullopt;
}

std::optional<std::chrono::seconds> CronExpression::time_of_day_from(
    std::chrono::seconds earliest) const {
  const std::uint64_t seconds = values(CronField::second);
  const std::uint64_t minutes = values(CronField::minute);
  const std::uint64_t hours = values(CronField::hour);
  const auto at = [](unsigned hour, unsigned minute, unsigned second) {
    return std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second};
  };
  const std::chrono::hh_mm_ss time{earliest};
  const auto hour = static_cast<unsigned>(time.hours().count());
  const auto minute = static_cast<unsigned>(time.minutes().count());
  if (contains(hours, hour)) {
    if (contains(minutes, minute)) {
      const auto second = first_from(seconds, static_cast<unsigned>(time.seconds().count()));
      if (second) return at(hour, minute, *second);
    }
    const auto later = first_from(minutes, minute + 1);
    if (later) return at(hour, *later, first_of(seconds));
  }
  const auto later = first_from(hours, hour + 1);
  if (later) return at(*later, first_of(minutes), first_of(seconds));
  return std::nullopt;
}

std::optional<CronExpression::LocalSeconds> CronExpression::next_after(LocalSeconds local) const {
  const LocalSeconds earliest = local + std::chrono::seconds{1};
  const auto today = std::chrono::floor<days>(earliest);
  if (matches_day(today)) {
    if (const auto time = time_of_day_from(earliest - today)) return today + *time;
  }
  const auto day = next_day(today);
  const auto time = time_of_day_from(std::chrono::seconds{0});
  if (!day || !time) return std::nullopt;
  return *day + *time;
}

}  // namespace bellpull
