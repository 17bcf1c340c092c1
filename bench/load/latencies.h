// How long answers took, by the second in which they were asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bellpull {

class Latencies {
 public:
  void add(double asked_at_s, double took_s);

  // {"p50_ms":…,"p90_ms":…,"p99_ms":…,"max_ms":…} over everything.
  std::string summary() const;
  // [{"requests":…,"p99_ms":…}, …], one for each second.
  std::string by_second() const;

 private:
  std::vector<std::vector<std::uint32_t>> seconds_;  // microseconds
};

}  // namespace bellpull
