#include "latencies.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <fmt/core.h>

namespace bellpull {

namespace {

double quantile_ms(std::vector<std::uint32_t>& sorted, double quantile) {
  if (sorted.empty()) return 0;
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(quantile * last)] / 1000.0;
}

}  // namespace

void Latencies::add(double asked_at_s, double took_s) {
  const auto second = static_cast<std::size_t>(std::max(asked_at_s, 0.0));
  if (second >= seconds_.size()) seconds_.resize(second + 1);
  constexpr double longest = std::numeric_limits<std::uint32_t>::max();
  seconds_[second].push_back(static_cast<std::uint32_t>(std::clamp(took_s * 1e6, 0.0, longest)));
}

std::string Latencies::summary() const {
  std::vector<std::uint32_t> all;
  for (const auto& second : seconds_) all.insert(all.end(), second.begin(), second.end());
  std::ranges::sort(all);
  return fmt::format(R"({{"p50_ms":{:.3f},"p90_ms":{:.3f},"p99_ms":{:.3f},"max_ms":{:.3f}}})",
                     quantile_ms(all, 0.5), quantile_ms(all, 0.9), quantile_ms(all, 0.99),
                     quantile_ms(all, 1.0));
}

std::string Latencies::by_second() const {
  std::string text = "[";
  for (std::vector<std::uint32_t> second : seconds_) {
    std::ranges::sort(second);
    if (text.size() > 1) text += ',';
    text += fmt::format(R"({{"requests":{},"p50_ms":{:.3f},"p99_ms":{:.3f}}})", second.size(),
                        quantile_ms(second, 0.5), quantile_ms(second, 0.99));
  }
  return text + "]";
}

}  // namespace bellpull
