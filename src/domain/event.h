// One accepted request, schedule occurrence, manual invoke, or what an action sent: immutable.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "domain/contact.h"
#include "domain/ids.h"

namespace bellpull {

// Stored as numbers. A replay is a new event with the content of an earlier one; an action of a run
// sent the last kind.
enum class EventSource : std::uint8_t { request, schedule, invoke, replay, action };
// In its order.
inline constexpr std::array<std::string_view, 5> event_source_names{"request", "schedule", "invoke",
                                                                    "replay", "action"};

// What events of one trigger share when they belong together. Typed, so that `session=a@b.c` is not
// the e-mail a@b.c: the text starts with its type's letter and a colon. Empty: always a session of
// its own.
class SessionKey {
 public:
  SessionKey() = default;
  static SessionKey named(std::string_view session);  // the sender's `session`
  static SessionKey email(std::string_view email);    // of the contact, in any case
  static SessionKey phone(std::string_view phone);    // of the contact, in any spelling
  static SessionKey schedule(std::string_view text);  // occurrences of this schedule
  static SessionKey invoke();                         // invokes by hand
  static SessionKey stored(std::string text);         // as text() gave it

  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }

 private:
  explicit SessionKey(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// `session` if given, else the contact's e-mail, else its phone, else none.
SessionKey session_key_of(std::string_view session, const ContactClaim& contact);

// The number that orders the runs of one session, never 0. Two sessions of one number only wait
// for each other.
std::int64_t session_number(TriggerKey trigger, const SessionKey& key);

// How long an idempotency key counts: a repeat within this time is the first event again.
inline constexpr Duration default_key_lifetime = std::chrono::hours{24};

// Among the headers of an event that an action sent: its contact is the claim of somebody who was
// not asked for a secret. No request brings it.
inline constexpr std::string_view claimed_contact_header = "bellpull-claimed-contact";

struct Event {
  EventId id;
  AccountKey account;
  TriggerKey trigger;
  EventSource source = EventSource::request;
  TimePoint received_at;
  std::string method;
  std::string content_type;
  std::string query;
  std::string headers = "{}";  // the selected ones, as a JSON object
  SessionKey session;
  ContactClaim contact;
  std::string idempotency_key;
  std::string body;  // the sender's bytes; empty where only the size was asked for
  std::int64_t body_size = 0;
  std::optional<EventId> replay_of;
  std::int64_t hops = 0;                     // events that triggers sent to one another to get here
  std::optional<TimePoint> scheduled_at;     // when the occurrence was due; of `schedule` only
  std::optional<TimePoint> body_removed_at;  // by a person, for privacy
};

}  // namespace bellpull
