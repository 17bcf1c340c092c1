// Which events are meant, beyond the equality filters that every list has (list.h): of a list, a
// count, a trigger's figures, or a job over many.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "store/list.h"

namespace bellpull {

// A value inside a JSON body, compared as text: "true" matches true, "7" matches 7.
struct BodyValue {
  std::vector<std::string> path;  // a key that ends in "[]" goes into every element of its list
  std::string value;

  bool operator==(const BodyValue&) const = default;
};

// Texts are looked for in any case (of ASCII), and need only be a part.
struct EventSearch {
  // When it was received: `from` included, `before` not. An event that the clock was set back for
  // by more than clock_slack may be missed (docs/api/compatibility.md).
  std::optional<TimePoint> from;
  std::optional<TimePoint> before;
  std::optional<EventId> until;  // the newest one that counts
  std::optional<std::int64_t> min_attempts;
  std::optional<std::int64_t> min_duration_ms;  // from the first attempt's start to the end
  std::optional<bool> has_conversation;
  // Whether its run has calls whose outcome nobody knows.
  std::optional<bool> has_unknown;
  std::string contact;  // of the name, e-mail or phone that it claims
  std::string reason;
  std::string error;
  std::string text;  // of the body, and of everything else that was sent or came of it
  std::vector<BodyValue> body;

  bool reads_bodies() const { return !text.empty() || !body.empty(); }
  bool operator==(const EventSearch&) const = default;
};

// The events of an account that a filter means.
struct EventSelection {
  std::vector<Filter> filters;
  EventSearch search;
};

inline constexpr Duration clock_slack = std::chrono::hours{1};

// What figures are made of.
struct RunTimes {
  RunId run;
  RunState state = RunState::queued;
  TimePoint received_at;
  std::optional<TimePoint> started_at;
  std::optional<TimePoint> ended_at;
};

// One try at a run, as its journal tells of it.
struct Attempt {
  std::int64_t number = 0;
  std::optional<TimePoint> first_step_at;
  std::optional<TimePoint> last_step_at;
  std::int64_t steps = 0;
  std::string error;  // why it failed; empty when it did not, or left no word
};

}  // namespace bellpull
