// An IANA time zone: which offset from UTC holds when, and which instant a wall-clock time means.
//
// Invariant: a local time always means exactly one instant. One that occurs twice (clocks go back)
// means its first occurrence; one that does not exist (clocks go forward) means the first instant
// after the gap. So instant_of() never decreases when its argument grows.
//
// The rules come from the operating system's tzdata, read once per process. They are complete
// until 2037; after that the zone's last known offset stays in force.
//
// A value; cheap to copy. Threads: any.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace date {
class time_zone;  // NOLINT(readability-identifier-naming): the library's name
}

namespace bellpull {

// Whether an ISO 8601 text says its offset from UTC ("...Z", "...+02:00"); else it is a local time.
bool has_offset(std::string_view iso);

// What the clock on the wall shows; says nothing without a zone.
using LocalTime = std::chrono::local_time<Duration>;

// A stretch of time with one offset from UTC: local time = UTC + offset, from `begin` to before
// `end`.
struct ZonePeriod {
  TimePoint begin;
  TimePoint end;
  std::chrono::seconds offset;

  LocalTime local(TimePoint time) const;
  TimePoint instant(LocalTime local) const;
};

// Which release of tzdata it is: "2026a". Of a machine that does not say so, when it was installed.
std::string zone_rules();

class TimeZone {
 public:
  // "" is UTC. Fails with `invalid` for a name the system's tzdata does not know; the hint names
  // the nearest. Throws when the machine has no tzdata.
  static Result<TimeZone> find(std::string_view name);
  static TimeZone utc() { return TimeZone{nullptr}; }

  // The IANA name; "UTC" for UTC.
  std::string_view name() const;

  ZonePeriod period_at(TimePoint time) const;
  LocalTime local(TimePoint time) const { return period_at(time).local(time); }
  TimePoint instant_of(LocalTime local) const;

 private:
  explicit TimeZone(const date::time_zone* zone) : zone_(zone) {}

  // Owned by the process-wide database, which is never unloaded; null is UTC, which so needs none.
  const date::time_zone* zone_;
};

}  // namespace bellpull
