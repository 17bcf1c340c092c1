#include "llm/circuit_breaker.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "llm/provider.h"
#include "support/fake_clock.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class CircuitBreakerTest : public testing::Test {
 protected:
  void fail(const std::string& cause, int times = 1) {
    for (int i = 0; i < times; ++i) {
      ASSERT_FALSE(breaker.refusal());
      breaker.note_failure({.cause = cause, .message = "it " + cause});
    }
  }

  FakeClock clock;
  CircuitBreaker breaker{clock, 5};
};

TEST_F(CircuitBreakerTest, FiveFailuresInARowOpenItForAWhile) {
  fail("timeout", 4);
  EXPECT_FALSE(breaker.refusal());
  breaker.note_failure({.cause = "server_error", .message = "again"});
  EXPECT_EQ(breaker.refusal(), 30s);
  EXPECT_TRUE(breaker.health().is_open);
  EXPECT_EQ(breaker.health().last_failure, "again");
  clock.advance(29s);
  EXPECT_EQ(breaker.refusal(), 1s);
}

TEST_F(CircuitBreakerTest, ThenOneRequestTries) {
  fail("connection", 5);
  clock.advance(30s);
  EXPECT_FALSE(breaker.refusal());
  EXPECT_TRUE(breaker.refusal()) << "one at a time";
  breaker.note_failure({.cause = "connection", .message = "no"});
  EXPECT_EQ(breaker.refusal(), 30s) << "one failure is enough now";
  clock.advance(30s);
  EXPECT_FALSE(breaker.refusal());
  breaker.note_answer();
  EXPECT_FALSE(breaker.refusal());
  EXPECT_EQ(breaker.health().failures_in_a_row, 0U);
}

TEST_F(CircuitBreakerTest, ATryThatIsCanceledLeavesThePlaceToTheNext) {
  fail("timeout", 5);
  clock.advance(30s);
  EXPECT_FALSE(breaker.refusal());
  breaker.note_failure({.cause = "canceled", .message = ""});
  EXPECT_FALSE(breaker.refusal());
}

TEST_F(CircuitBreakerTest, WhatSomebodyMustMendOpensItAtOnceAndForLonger) {
  for (const auto* cause : {"unauthorized", "quota"}) {
    CircuitBreaker one{clock, 5};
    one.note_failure({.cause = cause, .message = ""});
    EXPECT_EQ(one.refusal(), 5min) << cause;
  }
}

TEST_F(CircuitBreakerTest, NoneIsOpenedWhereNoneIsWanted) {
  CircuitBreaker one{clock, 0};
  for (int i = 0; i < 9; ++i) one.note_failure({.cause = "timeout", .message = ""});
  one.note_failure({.cause = "quota", .message = ""});
  EXPECT_FALSE(one.refusal());
  EXPECT_EQ(one.health().failures_in_a_row, 10U);
}

TEST_F(CircuitBreakerTest, AServerThatRefusesARequestOrSlowsUsDownIsWell) {
  fail("timeout", 4);
  fail("bad_request");
  fail("timeout", 4);
  fail("rate_limited", 9);
  EXPECT_FALSE(breaker.refusal());
}

}  // namespace
}  // namespace bellpull
