#include "trigger/trigger_rate.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace bellpull {

namespace {

constexpr SteadyTime::duration second = std::chrono::seconds{1};
constexpr SteadyTime::duration minute = std::chrono::minutes{1};
constexpr SteadyTime::duration no_time{0};

SteadyTime::duration per_token(SteadyTime::duration span, std::int64_t tokens) {
  return tokens == 0 ? no_time : span / tokens;
}

}  // namespace

TokenBucket::TokenBucket(Time per_token, std::int64_t depth)
    : per_token_(per_token.count()), depth_(per_token_ * (depth - 1)) {}

TokenBucket::Time TokenBucket::take(SteadyTime now) {
  if (per_token_ == 0) return no_time;
  const Count present = now.time_since_epoch().count();
  Count full_at = full_at_.load(std::memory_order_relaxed);
  for (;;) {
    const Count from = std::max(full_at, present);
    if (from - present > depth_) return Time{from - present - depth_};
    if (full_at_.compare_exchange_weak(full_at, from + per_token_, std::memory_order_relaxed)) {
      return no_time;
    }
  }
}

void TokenBucket::put_back() { full_at_.fetch_sub(per_token_, std::memory_order_relaxed); }

bool TokenBucket::is_full(SteadyTime now) const {
  return full_at_.load(std::memory_order_relaxed) <= now.time_since_epoch().count();
}

TriggerRate::TriggerRate(const TriggerLimit& limit)
    : limit_(limit),
      server_(per_token(second, limit.of_server.per_second),
              limit.of_server.burst > 0 ? limit.of_server.burst : limit.of_server.per_second),
      owner_(per_token(minute, limit.per_minute), limit.per_minute) {}

SteadyTime::duration TriggerRate::take(SteadyTime now) {
  const auto wait = server_.take(now);
  if (wait > no_time) return wait;
  const auto longer = owner_.take(now);
  if (longer > no_time) server_.put_back();
  return longer;
}

bool TriggerRate::is_full(SteadyTime now) const {
  return server_.is_full(now) && owner_.is_full(now);
}

}  // namespace bellpull
