// How many events a trigger takes.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/time.h"

namespace bellpull {

struct RateLimit {
  std::int64_t per_second = 0;  // events of one trigger, on the average; 0: no limit
  std::int64_t burst = 0;       // at once; 0: one second's worth

  bool operator==(const RateLimit&) const = default;
};

// What a trigger takes when its owner has a say too: that many events a minute, a minute's worth of
// them at once. The server's limit holds beside it: whoever owns a trigger can't lift it.
struct TriggerLimit {
  RateLimit of_server;
  std::int64_t per_minute = 0;  // 0: the owner has none

  bool is_none() const { return of_server.per_second == 0 && per_minute == 0; }
  bool operator==(const TriggerLimit&) const = default;
};

// A token bucket, kept as the instant at which it will be full again.
//
// Threads: any, without a lock.
class TokenBucket {
 public:
  using Time = SteadyTime::duration;
  // `depth` tokens, and one more after each `per_token`; zero for one that never runs out.
  TokenBucket(Time per_token, std::int64_t depth);

  // Takes a token, or gives how long it is until there is one.
  Time take(SteadyTime now);
  void put_back();

  // A full one is like a new one.
  bool is_full(SteadyTime now) const;

 private:
  using Count = SteadyTime::rep;

  const Count per_token_;  // time that brings one
  const Count depth_;      // time that brings all but one
  std::atomic<Count> full_at_ = 0;
};

// The events of one trigger. Threads: any, without a lock.
class TriggerRate {
 public:
  // Of a limit that is one.
  explicit TriggerRate(const TriggerLimit& limit);

  // Counts an event, or gives how long it is until there is room for one.
  SteadyTime::duration take(SteadyTime now);
  bool is_full(SteadyTime now) const;
  const TriggerLimit& limit() const { return limit_; }

 private:
  const TriggerLimit limit_;
  TokenBucket server_;
  TokenBucket owner_;
};

}  // namespace bellpull
