// When a trigger fires next, by its schedule and the rules that go with it.
#pragma once

#include "api/call.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/trigger.h"
#include "store/transaction.h"

namespace bellpull {

// Sets the first occurrence after `now`, if there is one and the trigger may fire it. Fails with
// `invalid` when schedule or time zone can't be read, or start and end contradict each other.
Result<void> schedule_next(Trigger& trigger, TimePoint now);

// The same for a changed trigger, if what it fires by has changed; what stopped its schedule counts
// no more once its owner has changed anything of it.
Result<void> reschedule(const Trigger& before, Trigger& after, TimePoint now);

// Keeps a schedule that can't be read any more, and says so, in the event log too.
void mark_unreadable(Transaction& rows, const Call& call, Trigger& trigger, const Error& error,
                     TimePoint now);

// Lets a schedule go on that was paused or could not be read, from `now` on.
void forget_halt(Trigger& trigger, TimePoint now);

}  // namespace bellpull
