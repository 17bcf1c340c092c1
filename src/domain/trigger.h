// Endpoint, secret, schedule and bot link; the wire calls it trigger integration.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

// A paused trigger takes events, which stay queued; its schedule does not fire. Stored as numbers.
enum class TriggerState : std::uint8_t { enabled = 0, paused = 1 };

// What becomes of occurrences that were missed: nothing, the last one is made up for, or all are.
enum class CatchUp : std::uint8_t { last = 0, none = 1, all = 2 };
// What an occurrence does while the one before it has not ended.
enum class Overlap : std::uint8_t { queue = 0, skip = 1 };
// Whether a schedule goes on. `paused` after failures; `invalid` when it can't be read any more.
enum class ScheduleState : std::uint8_t { active = 0, paused = 1, invalid = 2 };

struct Trigger {
  TriggerId id;
  AccountKey account;
  std::optional<std::string> alias;
  std::string name;
  std::string description;
  std::optional<BlueprintId> blueprint;
  std::optional<BotId> bot;
  std::string sealed_secret;  // see vault/; empty once the trigger is deleted
  // The one before it, valid until a time; empty when there is none.
  std::string sealed_previous_secret;
  std::optional<TimePoint> previous_secret_until;
  bool authenticate = true;
  TriggerState state = TriggerState::enabled;
  std::optional<std::int64_t> rate_limit;  // events a minute; none = the server's
  std::optional<std::string> schedule;
  std::optional<std::string> timezone;
  TimePoint schedule_anchor;  // what interval words count from
  // How its schedule fires: schedule/timetable.h, schedule/catch_up.h.
  std::optional<TimePoint> schedule_start_at;
  std::optional<TimePoint> schedule_end_at;
  std::optional<std::int64_t> schedule_jitter;  // ms
  CatchUp schedule_catch_up = CatchUp::last;
  std::optional<std::int64_t> schedule_catch_up_limit;   // occurrences; none = the default
  std::optional<std::int64_t> schedule_catch_up_window;  // ms; none = however late
  Overlap schedule_overlap = Overlap::queue;
  std::optional<std::int64_t> schedule_pause_after;  // failed runs in a row; none = never
  // What an occurrence's event carries; none = as api-contract.md 2.1 says.
  std::optional<std::string> schedule_body;
  std::optional<std::string> schedule_session;
  std::optional<std::string> schedule_contact;  // a ContactClaim as JSON
  ScheduleState schedule_state = ScheduleState::active;
  std::optional<std::string> schedule_error;     // why it is not active
  TimePoint schedule_resumed_at;                 // failures of earlier events do not count
  std::optional<std::int64_t> session_duration;  // ms; 0 = always fresh; none = default
  std::optional<std::string> delivery_id;        // a DeliveryId as JSON
  std::optional<TimePoint> last_trigger_at;
  // The next occurrence: when it is due by the schedule, and when it fires, which jitter delays.
  // Either both or none.
  std::optional<TimePoint> next_due_at;
  std::optional<TimePoint> next_trigger_at;
  std::string meta = "{}";
  // Grows with every change; an event is only kept under the version it was admitted by.
  std::int64_t version = 1;
  // A deleted trigger stays as a name for its events.
  std::optional<TimePoint> deleted_at;
  TimePoint created_at;
  TimePoint updated_at;

  bool operator==(const Trigger&) const = default;
};

inline constexpr std::int64_t max_rate_limit = 6'000'000;

inline constexpr std::int64_t max_schedule_jitter_ms = 86'400'000;
inline constexpr std::int64_t default_catch_up_limit = 100;
inline constexpr std::int64_t max_catch_up_limit = 1'000;
inline constexpr std::int64_t max_catch_up_window_ms = std::int64_t{366} * 86'400'000;
inline constexpr std::int64_t max_pause_after = 100;

// How long a session lasts between events when the trigger does not say.
inline constexpr Duration default_session_duration = std::chrono::hours{24};
inline constexpr Duration min_session_duration = std::chrono::seconds{1};
inline constexpr std::int64_t max_session_duration_ms = 2'628'000'000;

// Zero: every event starts afresh.
inline Duration session_lifetime(const Trigger& trigger) {
  if (!trigger.session_duration) return default_session_duration;
  if (*trigger.session_duration == 0) return Duration{0};
  return std::max(Duration{*trigger.session_duration}, min_session_duration);
}

}  // namespace bellpull
