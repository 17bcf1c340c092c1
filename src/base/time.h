// Time as the server sees it: wall-clock instants in whole milliseconds since the Unix epoch, and
// their ISO 8601 form.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bellpull {

using Duration = std::chrono::milliseconds;
using TimePoint = std::chrono::sys_time<Duration>;
using SteadyTime = std::chrono::steady_clock::time_point;

inline std::int64_t to_ms(TimePoint time) { return time.time_since_epoch().count(); }
inline TimePoint from_ms(std::int64_t ms) { return TimePoint{Duration{ms}}; }

// "2026-01-02T03:04:05.678Z".
std::string to_iso(TimePoint time);

// Reads an ISO 8601 date, or date and time with optional fraction and zone offset (none: UTC).
// Nothing when the text is anything else.
std::optional<TimePoint> parse_iso(std::string_view text);

// Where the time comes from: constructor argument of everything that asks for it.
// Threads: any.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall clock; may step in either direction, so it never orders anything.
  virtual TimePoint now() const = 0;
  // Never goes back; for deadlines and leases inside the process.
  virtual SteadyTime steady_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  TimePoint now() const override;
  SteadyTime steady_now() const override;
};

}  // namespace bellpull
