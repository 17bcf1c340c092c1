#include "queue/retry.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/random.h"
#include "base/time.h"

namespace bellpull {

std::optional<Duration> retry_delay(const RetryPolicy& policy, std::int64_t attempt,
                                    std::optional<Duration> not_before, Random& random) {
  if (attempt >= policy.attempts) return std::nullopt;
  // Beyond 2^20 the longest delay rules anyway, and the shift stays defined.
  const std::int64_t doublings = std::clamp<std::int64_t>(attempt - 1, 0, 20);
  const Duration full =
      std::min(policy.first_delay * (std::int64_t{1} << doublings), policy.longest_delay);
  const std::int64_t half = full.count() / 2;
  const auto jitter = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(half) + 1));
  const Duration delay{half + jitter};
  return not_before ? std::max(delay, *not_before) : delay;
}

}  // namespace bellpull
