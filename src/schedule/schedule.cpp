#include "schedule/schedule.h"

#include <chrono>
#include <optional>
#include <variant>

#include "base/time.h"
#include "schedule/cron_expression.h"
#include "schedule/time_zone.h"

namespace bellpull {

namespace {

using std::chrono::seconds;

// The years the calendar can name; asked outside them, a wall clock shows nothing.
constexpr TimePoint first_time = std::chrono::sys_days{std::chrono::year{0} / 1 / 1};
constexpr TimePoint last_time = std::chrono::sys_days{std::chrono::year{9999} / 12 / 31};
// What ISO 8601 can write.
constexpr TimePoint end_of_time = last_time + std::chrono::days{1};

std::optional<TimePoint> next_in_cadence(TimePoint after, Duration period, TimePoint anchor) {
  const TimePoint next =
      anchor + (after < anchor + period ? 1 : (after - anchor) / period + 1) * period;
  return next < end_of_time ? std::optional{next} : std::nullopt;
}

// The first real time whose local reading matches.
std::optional<TimePoint> next_reading(const CronExpression& cron, TimePoint after,
                                      const TimeZone& zone) {
  ZonePeriod period = zone.period_at(after);
  LocalTime shown = period.local(after);
  // Ends: each turn enters the next of the zone's periods, whose number is finite, and within one
  // period the answer is exact.
  for (;;) {
    const auto match = cron.next_after(std::chrono::floor<seconds>(shown));
    if (!match) return std::nullopt;
    const TimePoint time = period.instant(*match);
    if (time < period.end) return time;
    period = zone.period_at(period.end);
    // A match at the very start of the period counts.
    shown = period.local(period.begin) - seconds{1};
  }
}

// The first matching local time whose one instant is later than `after`.
std::optional<TimePoint> next_time_of_day(const CronExpression& cron, TimePoint after,
                                          const TimeZone& zone) {
  auto match = cron.next_after(std::chrono::floor<seconds>(zone.local(after)));
  // Where the clocks were put back, what they show for the second time has run already. The most
  // that this skips is a repeated hour or two, on one day a year.
  while (match && zone.instant_of(*match) <= after) match = cron.next_after(*match);
  if (!match) return std::nullopt;
  return zone.instant_of(*match);
}

std::optional<TimePoint> next_of_cron(const CronExpression& cron, TimePoint after,
                                      const TimeZone& zone) {
  if (after < first_time || after > last_time) return std::nullopt;
  return cron.is_every_hour() ? next_reading(cron, after, zone)
                              : next_time_of_day(cron, after, zone);
}

}  // namespace

std::optional<TimePoint> Schedule::next_after(TimePoint after, const TimeZone& zone,
                                              TimePoint anchor) const {
  if (const auto* interval = std::get_if<Interval>(&kind_)) {
    return next_in_cadence(after, interval->period, anchor);
  }
  if (const auto* cron = std::get_if<CronExpression>(&kind_)) {
    return next_of_cron(*cron, after, zone);
  }
  const auto time = only_time(zone);
  return time && *time > after ? time : std::nullopt;
}

std::optional<TimePoint> Schedule::only_time(const TimeZone& zone) const {
  if (const auto* instant = std::get_if<Instant>(&kind_)) return instant->time;
  if (const auto* moment = std::get_if<LocalMoment>(&kind_)) return zone.instant_of(moment->time);
  return std::nullopt;
}

Duration Schedule::least_gap() const {
  using std::chrono::minutes;
  if (const auto* interval = std::get_if<Interval>(&kind_)) return interval->period;
  const auto* cron = std::get_if<CronExpression>(&kind_);
  // At another second than 0, what a change of clocks moves may come closer to the next.
  const bool is_by_the_minute = cron == nullptr || cron->values(CronField::second) == 1;
  return is_by_the_minute ? Duration{minutes{1}} : Duration{seconds{1}};
}

}  // namespace bellpull
