// The idempotency key of a call: the same for every try at one step of one run, and no other's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "domain/ids.h"

namespace bellpull {

// What is secret of a run's keys: the trigger's id has 80 random bits, so two installations with
// equal run numbers never use the same key at the same service.
std::string run_key(const TriggerId& trigger, RunId run);

// 32 hex digits that give nothing of `run_key` away.
std::string call_key(std::string_view run_key, std::int64_t intent);

}  // namespace bellpull
