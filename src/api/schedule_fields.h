// The fields by which a trigger's owner says how its schedule fires: when, what is made up for, and
// what an occurrence sends.
#pragma once

#include "api/field.h"
#include "domain/trigger.h"

namespace bellpull {

Fields<Trigger> schedule_fields();

}  // namespace bellpull
