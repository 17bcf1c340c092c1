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
#include <string>

#include "action/action.h"
#include "action/inner.h"
#include "action/shape.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/event.h"
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

  Task<ActionOutcome> send(std::string trigger, const Sent* sent);

  Store& store_;
  const EventDoor door_;
};

}  // namespace bellpull
