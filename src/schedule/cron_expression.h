// A cron expression as a set of wall-clock times; it knows the calendar and no time zone.
//
// Fields: [second] minute hour day-of-month month day-of-week. A field is `*`, or a list of
// numbers, names (months and weekdays, three letters, any case) and ranges, each with an optional
// step: "*/15", "8-18/2,22", "mon-fri". Read like this where cron programs differ:
//
//   - `5/10` is 5, 15, 25, ... to the end of the field.
//   - Sunday is 0 and 7, and may close a range ("fri-sun", "5-7"); no other range runs backwards.
//   - A field is restricted when it leaves a value out. When day-of-month and day-of-week both
//     are, a day matches if either does; else it must match both, so one of them.
//   - A step over the field's number of values is refused, not read as "once": "*/90" in the minute
//     field does not mean every 90 minutes.
//
// Invariant: some day matches, so there is a next time within 8 years ("0 0 30 2 *" is refused).
//
// A value. Threads: any.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include "schedule/problem.h"

namespace bellpull {

enum class CronField : std::uint8_t { second, minute, hour, day_of_month, month, day_of_week };
inline constexpr std::size_t cron_field_count = 6;

class CronExpression {
 public:
  using LocalSeconds = std::chrono::local_seconds;

  // Takes 5 fields, or 6 with the seconds first. Fails with the problems of all of them.
  static std::expected<CronExpression, ScheduleProblems> parse(
      std::span<const SchedulePart> fields);

  // The first matching wall-clock time after `local`. Nothing only where the calendar ends.
  std::optional<LocalSeconds> next_after(LocalSeconds local) const;

  // Whether it names no hours: it then means a rhythm ("every 15 minutes"), not times of day.
  bool is_every_hour() const;

  // One bit a value that matches.
  std::uint64_t values(CronField field) const { return values_[static_cast<std::size_t>(field)]; }
  // Whether it leaves a value out.
  bool is_restricted(CronField field) const;
  // The days of the longest month that it names, in a leap year.
  unsigned longest_month() const;

 private:
  using Values = std::array<std::uint64_t, cron_field_count>;

  explicit CronExpression(const Values& values) : values_(values) {}

  bool matches_day(std::chrono::local_days day) const;
  bool has_a_day() const;
  std::optional<std::chrono::local_days> next_day(std::chrono::local_days after) const;
  std::optional<std::chrono::seconds> time_of_day_from(std::chrono::seconds earliest) const;

  Values values_;
};

}  // namespace bellpull
