// What a request to a trigger's endpoint says, checked (api-contract.md 2.1, "event").
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/change.h"
#include "api/routes.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/event.h"
#include "http/request.h"
#include "store/accept.h"
#include "trigger/trigger_registry.h"

namespace bellpull {

// The headers that are kept with an event, content-type aside: who sent it and what it is, never a
// credential. `kept_header` gives the name as it is kept.
inline constexpr std::size_t max_kept_header_bytes = 512;
std::optional<std::string_view> kept_header(std::string_view name);
std::string kept_header_names();

// Owns what is decoded; the rest is views into the request.
class EventRequest {
 public:
  // Fails with `invalid` for what the sender must mend: query, key, or a body that is not UTF-8.
  static Result<EventRequest> parse(const Request& request);

  // Looks where this trigger's senders put their own delivery ids, unless the request has an
  // Idempotency-Key.
  void identify(const KnownTrigger& trigger);
  // What it reads of the query, for the API's description.
  static std::vector<Description::Parameter> parameters();

  // The event as the store takes it; its views live as long as this object and the request.
  NewEvent to_event(const KnownTrigger& trigger, TimePoint received_at) const;

  // Of to_event(): what it is taken for a repeat by.
  std::string_view key() const { return given_key_.empty() ? delivery_key_ : given_key_; }
  bool has_given_key() const { return !given_key_.empty(); }

 private:
  explicit EventRequest(const Request& request);

  void read_query(std::string_view query, Problems& problems);

  RequestHead head_;
  std::string_view method_;
  std::string_view query_;
  std::string_view content_type_;
  std::string_view given_key_;
  std::string delivery_key_;
  std::string_view body_;
  std::string headers_;
  ContactClaim contact_;
  SessionKey session_;
};

}  // namespace bellpull
