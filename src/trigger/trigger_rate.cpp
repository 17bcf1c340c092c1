#include "trigger/trigger_rate.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "base/time.h"

namespace bellpull {

namespace {

constexpr SteadyTime::rep second = SteadyTime::duration{std::chrono::seconds{1}}.count();

}  // namespace

TriggerRate::TriggerRate(RateLimit limit)
    : per_token_(second / limit.per_second),
      depth_(per_token_ * ((limit.burst > 0 ? limit.burst : limit.per_second) - 1)) {}

bool TriggerRate::take(SteadyTime now) {
  const Count present = now.time_since_epoch().count();
  Count full_at = full_at_.load(std::memory_order_relaxed);
  for (;;) {
    const Count from = std::max(full_at, present);
    if (from - present > depth_) return false;
    if (full_at_.compare_exchange_weak(full_at, from + per_token_, std::memory_order_relaxed)) {
      return true;
    }
  }
}

bool TriggerRate::is_full(SteadyTime now) const {
  return full_at_.load(std::memory_order_relaxed) <= now.time_since_epoch().count();
}

}  // namespace bellpull
