// The actions that work inside the server, on its own data and by asking people, for the set of
// those that it knows.
#pragma once

#include "action/action_set.h"
#include "action/bot_ask.h"
#include "action/trigger_send.h"
#include "base/time.h"
#include "store/store.h"

namespace bellpull {

// What they work with; all outlives them.
struct InnerServices {
  Store& store;
  const Clock& clock;
  EventDoor door;
  Asker& asker;
};

void add_inner_actions(ActionSet& set, const InnerServices& services);

}  // namespace bellpull
