// When a failed attempt is followed by another, and when not.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/random.h"
#include "base/time.h"

namespace bellpull {

struct RetryPolicy {
  std::int64_t attempts = 5;
  Duration first_delay = std::chrono::seconds{10};
  Duration longest_delay = std::chrono::minutes{30};
};

// The time to wait after failed attempt number `attempt` (from 1), or nothing when attempts are
// used up. Doubles with every attempt, with jitter over its upper half; never before `not_before`
// (the other side's Retry-After) has passed.
std::optional<Duration> retry_delay(const RetryPolicy& policy, std::int64_t attempt,
                                    std::optional<Duration> not_before, Random& random);

}  // namespace bellpull
