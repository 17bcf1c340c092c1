// Sending events to a trigger's endpoint, like any application would.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "base/random.h"
#include "base/time.h"
#include "cli/client.h"
#include "cli/failure.h"

namespace bellpull::cli {

struct OutgoingEvent {
  std::string path;    // of the endpoint, with its query
  std::string secret;  // empty: the trigger is open
  std::string content_type;
  std::string body;
  std::string idempotency_key;
};

// Gives the event's id. A failure that may pass (429, 503, a broken connection) is tried again
// under the same key, so that the event can't be kept twice.
Outcome<std::string> send_event(Client& client, const OutgoingEvent& event);

// The event once its run has ended. Fails with `timed_out` at the deadline.
Outcome<boost::json::object> await_end(Client& client, const std::string& event_id,
                                       std::optional<SteadyTime> deadline, const Clock& clock);

}  // namespace bellpull::cli
