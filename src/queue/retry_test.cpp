#include "queue/retry.h"

#include <chrono>

#include <gtest/gtest.h>

#include "base/random.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

TEST(RetryTest, DelaysDoubleWithinTheirJitterUpToTheLongest) {
  SeededRandom random{3};
  const RetryPolicy policy{.attempts = 100, .first_delay = 10s, .longest_delay = 60s};
  for (int i = 0; i < 200; ++i) {
    const auto first = retry_delay(policy, 1, {}, random);
    ASSERT_TRUE(first);
    EXPECT_GE(*first, 5s);
    EXPECT_LE(*first, 10s);
    const auto second = retry_delay(policy, 2, {}, random);
    ASSERT_TRUE(second);
    EXPECT_GE(*second, 10s);
    EXPECT_LE(*second, 20s);
    const auto late = retry_delay(policy, 99, {}, random);
    ASSERT_TRUE(late);
    EXPECT_LE(*late, 60s);
  }
}

TEST(RetryTest, AttemptsEnd) {
  SeededRandom random{3};
  EXPECT_TRUE(retry_delay({.attempts = 5}, 4, {}, random));
  EXPECT_FALSE(retry_delay({.attempts = 5}, 5, {}, random));
}

TEST(RetryTest, TheOtherSidesWishIsAMinimum) {
  SeededRandom random{3};
  const auto delay = retry_delay({.attempts = 5, .first_delay = 1s}, 1, 90s, random);
  EXPECT_EQ(delay, 90s);
}

}  // namespace
}  // namespace bellpull
