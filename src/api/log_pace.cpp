#include "api/log_pace.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <utility>

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

namespace {

constexpr Duration pause = std::chrono::minutes{1};
// Bounds the memory. When there are more, all are forgotten, and may be logged once more.
constexpr std::size_t max_pairs = 16'384;

}  // namespace

bool LogPace::takes(DatasetKey dataset, TokenKey token) {
  const SteadyTime now = clock_.steady_now();
  const std::lock_guard lock{mutex_};
  const std::pair pair{dataset.value, token.value};
  const auto found = logged_.find(pair);
  if (found != logged_.end() && now < found->second + pause) return false;
  if (logged_.size() >= max_pairs) {
    std::erase_if(logged_, [&](const auto& one) { return now >= one.second + pause; });
  }
  if (logged_.size() >= max_pairs) logged_.clear();
  logged_.insert_or_assign(pair, now);
  return true;
}

std::size_t LogPace::size() const {
  const std::lock_guard lock{mutex_};
  return logged_.size();
}

}  // namespace bellpull
