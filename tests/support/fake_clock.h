// Time that stands still until the test moves it.
#pragma once

#include <chrono>

#include "base/time.h"

namespace bellpull {

class FakeClock final : public Clock {
 public:
  TimePoint now() const override { return now_; }
  SteadyTime steady_now() const override { return steady_; }
  void advance(Duration by) {
    now_ += by;
    steady_ += by;
  }

 private:
  TimePoint now_ = from_ms(1'800'000'000'000);
  SteadyTime steady_{std::chrono::hours{1}};
};

}  // namespace bellpull
