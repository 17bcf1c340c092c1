// Figures of many runs: how many in which state, how long they waited, and how long they took.
//
// Pure. Threads: one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <boost/json/object.hpp>

#include "store/event_search.h"

namespace bellpull {

class RunFigures {
 public:
  // More are not looked at: their times are kept until they are sorted.
  static constexpr std::size_t max_runs = 100'000;

  void add(std::span<const RunTimes> runs);
  bool is_full() const { return total_ >= max_runs; }

  // What render() gives.
  static boost::json::object schema();
  // {"total", "states": {...}, "queueDelayMs": {"p50", "p95", "p99", "max"}, "runDurationMs"}
  boost::json::object render() const;

 private:
  std::size_t total_ = 0;
  std::array<std::int64_t, 9> states_{};
  std::vector<std::int64_t> delays_ms_;
  std::vector<std::int64_t> durations_ms_;
};

}  // namespace bellpull
