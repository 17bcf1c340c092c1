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
    for (int i = 0; i < tries; ++i) {
      if (rate.take(clock.steady_now()) == 0ns) ++count;
    }
    return count;
  }

  FakeClock clock;
};

TEST_F(TriggerRateTest, ABurstThenTheRate) {
  TriggerRate rate{{.of_server = {.per_second = 10, .burst = 25}}};
  EXPECT_EQ(taken(rate, 100), 25);
  clock.advance(99ms);
  EXPECT_EQ(taken(rate, 100), 0);
  clock.advance(1ms);
  EXPECT_EQ(taken(rate, 100), 1);
  clock.advance(1s);
  EXPECT_EQ(taken(rate, 100), 10);
}

TEST_F(TriggerRateTest, AQuietTimeFillsItUpAndNoFurther) {
  TriggerRate rate{{.of_server = {.per_second = 10, .burst = 25}}};
  EXPECT_EQ(taken(rate, 100), 25);
  clock.advance(1h);
  EXPECT_EQ(taken(rate, 100), 25);
}

TEST_F(TriggerRateTest, TheBurstIsASecondsWorthUnlessItIsGiven) {
  TriggerRate rate{{.of_server = {.per_second = 10}}};
  EXPECT_EQ(taken(rate, 100), 10);
}

TEST_F(TriggerRateTest, ItIsFullAgainWhenEveryTokenIsBack) {
  TriggerRate rate{{.of_server = {.per_second = 10, .burst = 25}}};
  EXPECT_TRUE(rate.is_full(clock.steady_now()));
  EXPECT_EQ(taken(rate, 2), 2);
  clock.advance(199ms);
  EXPECT_FALSE(rate.is_full(clock.steady_now()));
  clock.advance(1ms);
  EXPECT_TRUE(rate.is_full(clock.steady_now()));
}

TEST_F(TriggerRateTest, WhoWaitsASecondIsTaken) {
  TriggerRate rate{{.of_server = {.per_second = 1, .burst = 1}}};
  EXPECT_EQ(taken(rate, 100), 1);
  EXPECT_EQ(taken(rate, 100), 0) << "what was refused costs no token";
  clock.advance(1s);
  EXPECT_EQ(taken(rate, 100), 1);
}

TEST_F(TriggerRateTest, AnOwnersLimitIsAMinutesWorthAtOnce) {
  TriggerRate rate{{.per_minute = 6}};
  EXPECT_EQ(taken(rate, 100), 6);
  EXPECT_EQ(rate.take(clock.steady_now()), 10s) << "it says how long to wait";
  clock.advance(10s);
  EXPECT_EQ(taken(rate, 100), 1);
}

TEST_F(TriggerRateTest, AnOwnerCannotLiftTheServersLimit) {
  TriggerRate rate{{.of_server = {.per_second = 2}, .per_minute = 60'000}};
  EXPECT_EQ(taken(rate, 100), 2);
}

TEST_F(TriggerRateTest, WhatOneLimitRefusesCostsTheOtherNothing) {
  TriggerRate rate{{.of_server = {.per_second = 10}, .per_minute = 1}};
  EXPECT_EQ(taken(rate, 100), 1);
  clock.advance(1min);
  EXPECT_EQ(taken(rate, 100), 1);
  EXPECT_GT(rate.take(clock.steady_now()), 59s) << "not the server's short wait";
}

}  // namespace
}  // namespace bellpull
