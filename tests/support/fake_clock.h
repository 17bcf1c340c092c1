// Time that stands still until the test moves it. Threads: any; the store reads it on its own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace bellpull {

class FakeClock final : public Clock {
 public:
  explicit FakeClock(TimePoint now = from_ms(1'800'000'000'000)) : ms_(to_ms(now)) {}

  TimePoint now() const override { return from_ms(ms_.load()); }
  SteadyTime steady_now() const override { return SteadyTime{Duration{steady_ms_.load()}}; }
  void advance(Duration by) {
    ms_ += by.count();
    steady_ms_ += by.count();
  }
  // Somebody sets the wall clock.
  void step(Duration by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_;
  std::atomic<std::int64_t> steady_ms_ = Duration{std::chrono::hours{1}}.count();
};

}  // namespace bellpull
