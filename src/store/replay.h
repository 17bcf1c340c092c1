// An event as a new one: what was sent, again, in a run of its own (product.md, P4).
#pragma once

#include "base/time.h"
#include "domain/event.h"
#include "store/accept.h"

namespace bellpull {

// Of an event with its body; the views live as long as `original`. It joins the same session, and
// has no idempotency key: that one's repeat is still the original.
NewEvent replay_of(const Event& original, TimePoint now);

}  // namespace bellpull
