#include "http/timer_wheel.h"

#include <chrono>
#include <vector>

#include <gtest/gtest.h>

#include "base/time.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

struct Deadline final : TimerWheel::Entry {
  void expire(SteadyTime now) override { expired_at.push_back(now); }
  std::vector<SteadyTime> expired_at;
};

class TimerWheelTest : public testing::Test {
 protected:
  SteadyTime start{1h};
  TimerWheel wheel{start, 1s};
  Deadline first;
  Deadline second;
};

TEST_F(TimerWheelTest, DeadlineExpiresOnceAndNeverEarly) {
  wheel.schedule(first, start + 2500ms);
  wheel.advance(start + 2499ms);
  EXPECT_TRUE(first.expired_at.empty());
  wheel.advance(start + 3s);
  EXPECT_EQ(first.expired_at.size(), 1U);
  EXPECT_TRUE(wheel.is_empty());
  wheel.advance(start + 500s);
  EXPECT_EQ(first.expired_at.size(), 1U);
}

TEST_F(TimerWheelTest, DeadlineMovesLaterAndEarlier) {
  wheel.schedule(first, start + 2s);
  wheel.schedule(first, start + 5s);
  wheel.schedule(second, start + 50s);
  wheel.schedule(second, start + 3s);
  wheel.advance(start + 4s);
  EXPECT_TRUE(first.expired_at.empty());
  EXPECT_EQ(second.expired_at.size(), 1U);
  wheel.advance(start + 5s);
  EXPECT_EQ(first.expired_at.size(), 1U);
}

TEST_F(TimerWheelTest, DeadlineBeyondTheWheelIsKept) {
  wheel.schedule(first, start + 1000s);
  for (auto at = 1s; at < 1000s; ++at) wheel.advance(start + at);
  EXPECT_TRUE(first.expired_at.empty());
  wheel.advance(start + 1000s);
  EXPECT_EQ(first.expired_at.size(), 1U);
}

TEST_F(TimerWheelTest, LongPauseExpiresEverythingThatIsDue) {
  wheel.schedule(first, start + 10s);
  wheel.schedule(second, start + 1000s);
  wheel.advance(start + 2000s);
  EXPECT_EQ(first.expired_at.size(), 1U);
  EXPECT_EQ(second.expired_at.size(), 1U);
}

TEST_F(TimerWheelTest, RemovedDeadlineNeverExpires) {
  wheel.schedule(first, start + 2s);
  wheel.schedule(second, start + 2s);
  wheel.remove(first);
  wheel.remove(first);
  wheel.advance(start + 10s);
  EXPECT_TRUE(first.expired_at.empty());
  EXPECT_EQ(second.expired_at.size(), 1U);
}

}  // namespace
}  // namespace bellpull
