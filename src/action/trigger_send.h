// trigger/send: an event for a trigger of the account, through the door that requests come by: kept
// before the call is answered, counted against the trigger's rate, and deduplicated.
//
// A chain of triggers that send to one another ends: an event carries how many sends led to it, and
// one too many is refused.
//
// Lifetime: what it is made of outlives it. Threads: the worker's executor only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "action/action.h"
#include "action/inner.h"
#include "action/shape.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "store/accept.h"
#include "store/store.h"
#include "trigger/event_intake.h"
#include "trigger/trigger_registry.h"

namespace bellpull {

// How events get in.
struct EventDoor {
  EventIntake& intake;  // of the worker's executor
  TriggerRegistry& registry;
  std::size_t body_limit = std::size_t{1} << 20;
  Duration key_lifetime = default_key_lifetime;  // of a key that the call names
  std::int64_t max_hops = 8;
};

class TriggerSendAction final : public InnerAction {
 public:
  TriggerSendAction(Store& store, const EventDoor& door) : store_(store), door_(door) {}

  const ActionShape& shape() const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  struct Sent;

  // Or why it can't be sent now, which says nothing of an earlier try.
  using Sending = std::expected<ActionOutcome, std::string>;

  Task<Sending> send(const ActionRequest* request, Sent* sent);
  Task<Sending> pass(std::string trigger, const Sent* sent);
  Task<ActionOutcome> refuse(const ActionRequest* request, const Sent* sent, std::string why);
  // The event that an earlier try of the call sent.
  Task<Result<std::optional<EventId>>> sent_before(const ActionRequest* request, const Sent* sent);

  Store& store_;
  const EventDoor door_;
};

}  // namespace bellpull
