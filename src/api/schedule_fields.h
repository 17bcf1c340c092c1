// The fields by which a trigger's owner says how its schedule fires: when, what is made up for, and
// what an occurrence sends.
#pragma once

#include "api/field.h"
#include "domain/trigger.h"

namespace bellpull {

Fields<Trigger> schedule_fields();

// Those among them that bound and delay what its schedule says: start, end and jitter. Read after
// the time zone, which they may be meant in.
Fields<Trigger> bound_fields();

}  // namespace bellpull
