#include "trigger/trigger_rate.h"

#include <chrono>

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class TriggerRateTest : public testing::Test {
 protected:
  // How many of `tries` events are taken now.
  int taken(TriggerRate& rate, int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i) count += rate.take(clock.steady_now()) ? 1 : 0;
    return count;
  }

  FakeClock clock;
};

TEST_F(TriggerRateTest, ABurstThenTheRate) {
  TriggerRate rate{{.per_second = 10, .burst = 25}};
  EXPECT_EQ(taken(rate, 100), 25);
  clock.advance(99ms);
  EXPECT_EQ(taken(rate, 100), 0);
  clock.advance(1ms);
  EXPECT_EQ(taken(rate, 100), 1);
  clock.advance(1s);
  EXPECT_EQ(taken(rate, 100), 10);
}

TEST_F(TriggerRateTest, AQuietTimeFillsItUpAndNoFurther) {
  TriggerRate rate{{.per_second = 10, .burst = 25}};
  EXPECT_EQ(taken(rate, 100), 25);
  clock.advance(1h);
  EXPECT_EQ(taken(rate, 100), 25);
}

TEST_F(TriggerRateTest, TheBurstIsASecondsWorthUnlessItIsGiven) {
  TriggerRate rate{{.per_second = 10}};
  EXPECT_EQ(taken(rate, 100), 10);
}

TEST_F(TriggerRateTest, ItIsFullAgainWhenEveryTokenIsBack) {
  TriggerRate rate{{.per_second = 10, .burst = 25}};
  EXPECT_TRUE(rate.is_full(clock.steady_now()));
  EXPECT_EQ(taken(rate, 2), 2);
  clock.advance(199ms);
  EXPECT_FALSE(rate.is_full(clock.steady_now()));
  clock.advance(1ms);
  EXPECT_TRUE(rate.is_full(clock.steady_now()));
}

TEST_F(TriggerRateTest, WhoWaitsASecondIsTaken) {
  TriggerRate rate{{.per_second = 1, .burst = 1}};
  EXPECT_EQ(taken(rate, 100), 1);
  EXPECT_EQ(taken(rate, 100), 0) << "what was refused costs no token";
  clock.advance(1s);
  EXPECT_EQ(taken(rate, 100), 1);
}

}  // namespace
}  // namespace bellpull
