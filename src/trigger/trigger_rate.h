// How many events a trigger takes.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/time.h"

namespace bellpull {

struct RateLimit {
  std::int64_t per_second = 0;  // events of one trigger, on the average; 0: no limit
  std::int64_t burst = 0;       // at once; 0: one second's worth
};

// A token bucket of one trigger, kept as the instant at which it will be full again.
//
// Threads: any, without a lock.
class TriggerRate {
 public:
  // Of a limit that is one.
  explicit TriggerRate(RateLimit limit);

  // Takes a token for an event. False when there is none, which lasts a second at most.
  bool take(SteadyTime now);

  // A full one is like a new one.
  bool is_full(SteadyTime now) const;

 private:
  using Count = SteadyTime::rep;

  const Count per_token_;  // time that brings one
  const Count depth_;      // time that brings all but one
  std::atomic<Count> full_at_ = 0;
};

}  // namespace bellpull
