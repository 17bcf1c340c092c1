// When a trigger fires by itself, read from the text its owner wrote:
//
//   ""  "never"                      no next time
//   "hourly", "daily", "weekly" ...  an interval word: a fixed cadence from an anchor
//   "30 9 * * mon-fri"  "@daily"     a cron expression (cron_expression.h), or a macro for one
//   "09:30"                          daily at that local time
//   "2026-03-29"  "2026-03-29T09:30" once; local unless it has an offset ("...Z", "...+02:00")
//
// An interval is real time: "daily" is every 24 hours, whatever the clocks do, and never drifts.
// All others follow the wall clock of the zone. Where clocks change:
//
//   - A local time that does not exist runs at the first valid instant after the gap.
//   - A local time that occurs twice runs once, at its first occurrence.
//   - A cron expression that admits every hour means a rhythm, not times of day: it runs whenever
//     the wall clock shows a matching time, so "*/15 * * * *" runs every real quarter hour, through
//     the repeated hour too, and nothing moves out of a skipped one.
//
// Pure: the same arguments give the same answer, on every server. A value. Threads: any.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/time.h"
#include "schedule/cron_expression.h"
#include "schedule/problem.h"
#include "schedule/time_zone.h"

namespace bellpull {

class Schedule {
 public:
  // Far above every sensible list of minutes; bounds what is stored and parsed.
  static constexpr std::size_t max_bytes = 256;

  // Fails with `invalid`, "schedule is not valid: minute 61 is out of range 0-59, hour 25 is ...".
  static Result<Schedule> parse(std::string_view text);

  // The same, for who wants to show where in the text the problems are.
  static std::expected<Schedule, ScheduleProblems> read(std::string_view text);

  // The first time after `after`, or nothing when there is none. `anchor` is where an interval
  // starts to count (the creation of the schedule, or its last change); the others ignore it. The
  // first time of an interval is one period after its anchor.
  std::optional<TimePoint> next_after(TimePoint after, const TimeZone& zone,
                                      TimePoint anchor) const;

  // No two of its times are closer, but where the clocks change by parts of a minute.
  Duration least_gap() const;

  // What it means, for people: "Every weekday at 09:00, Europe/Paris". `start` is where an interval
  // counts from, if that was said. See phrase.cpp.
  std::string phrase(const TimeZone& zone, std::optional<TimePoint> start = std::nullopt) const;

  // Whether it counts from its anchor.
  bool is_interval() const { return std::holds_alternative<Interval>(kind_); }
  bool is_never() const { return std::holds_alternative<Never>(kind_); }
  // The time of one that has a single time.
  std::optional<TimePoint> only_time(const TimeZone& zone) const;

 private:
  struct Never {};
  struct Interval {
    Duration period;
  };
  struct Instant {
    TimePoint time;
  };
  struct LocalMoment {
    LocalTime time;
  };
  using Kind = std::variant<Never, Interval, CronExpression, Instant, LocalMoment>;

  // How each kind is read; see read_schedule.cpp.
  struct Reader;

  explicit Schedule(const Kind& kind) : kind_(kind) {}

  Kind kind_;
};

}  // namespace bellpull
