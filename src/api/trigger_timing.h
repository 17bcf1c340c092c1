// When a trigger fires next, from its schedule, its time zone and its anchor.
#pragma once

#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "domain/trigger.h"

namespace bellpull {

// The first time after `now`; nothing without a schedule, or when it never comes again. Fails with
// `invalid` when schedule or time zone can't be read.
Result<std::optional<TimePoint>> next_time(const Trigger& trigger, TimePoint now);

}  // namespace bellpull
