// Whether it is known who sent an event.
#pragma once

#include "agent/run_plan.h"
#include "domain/event.h"

namespace bellpull {

// Whether anybody could have sent it, and so claimed its contact: a request to a trigger that asks
// nobody for its secret, or a run's event that names a contact and was caused by such a one. A
// schedule and an invoke are the account's own. The trigger is judged as it is when the run begins.
bool is_from_anybody(const Event& event, const RunPlan& plan);

}  // namespace bellpull
