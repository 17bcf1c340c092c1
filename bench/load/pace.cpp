#include "pace.h"

#include <algorithm>
#include <cstdint>

namespace bellpull {

bool Pace::is_due(double now_s) const {
  return rate_ <= 0 || static_cast<double>(taken_) / rate_ <= now_s;
}

double Pace::take(double now_s) {
  const double due = rate_ <= 0 ? now_s : static_cast<double>(taken_) / rate_;
  ++taken_;
  return due;
}

double Pace::wait(double now_s, double longest_s) const {
  if (rate_ <= 0) return longest_s;
  return std::clamp(static_cast<double>(taken_) / rate_ - now_s, 0.0, longest_s);
}

std::int64_t Pace::behind(double now_s) const {
  if (rate_ <= 0) return 0;
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(now_s * rate_) - taken_);
}

}  // namespace bellpull
