// The hot door into the store: events as they arrive, many to a commit.
//
// An IO thread gathers the events of one turn of its loop in an AcceptBatch and submits it. The
// writer keeps every batch that arrived during the last disk flush in one commit, then calls
// committed() once per batch. Nothing is copied: the events' views stay valid until then.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "domain/event.h"
#include "domain/ids.h"

namespace bellpull {

struct NewEvent {
  TriggerKey trigger;
  AccountKey account;
  std::int64_t trigger_version = 0;  // the version that authentication used
  EventSource source = EventSource::request;
  TimePoint received_at;
  std::string_view method;
  std::string_view content_type;
  std::string_view query;
  std::string_view headers;  // JSON object
  std::string_view session;  // SessionKey::text()
  std::int64_t session_number = 0;
  std::string_view contact_name;
  std::string_view contact_email;
  std::string_view contact_phone;
  std::string_view idempotency_key;              // empty: none
  Duration key_lifetime = default_key_lifetime;  // from received_at on
  std::string_view body;
  EventId replay_of{};  // 0: none
  // When the occurrence was due; with it, there is one event of its trigger at most.
  std::optional<TimePoint> scheduled_at = std::nullopt;
  std::int64_t hops = 0;  // see Event
};

enum class AcceptOutcome : std::uint8_t {
  kept,
  duplicate,        // the key was used for the same body: `event` is the first one
  key_reused,       // the key was used for another body
  trigger_changed,  // not kept: authenticate again under the trigger's present version
  unavailable,      // not known to be kept
};

struct Acceptance {
  AcceptOutcome outcome = AcceptOutcome::unavailable;
  EventId event;
};

class AcceptBatch {
 public:
  virtual ~AcceptBatch() = default;

  // Called once, on the writer's thread, when every entry has its result. The batch may be used
  // again from then on.
  virtual void committed() = 0;

  struct Entry {
    const NewEvent* event = nullptr;
    Acceptance result;
  };
  std::vector<Entry> entries;
};

}  // namespace bellpull
