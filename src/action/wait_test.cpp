#include "action/wait.h"

#include <chrono>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "action/action.h"
#include "base/time.h"
#include "support/fake_clock.h"
#include "support/run_task.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class WaitTest : public testing::Test {
 protected:
  ActionOutcome wait(const std::string& input) {
    ActionRequest request{.input = boost::json::parse(input).as_object(), .intended_at = intended};
    return run_task(context, action.execute(std::move(request)));
  }

  boost::asio::io_context context{1};
  FakeClock clock;
  WaitAction action{clock};
  const TimePoint intended = clock.now();
};

TEST_F(WaitTest, ItWaitsFromWhenItWasMeantToHoweverOftenItIsAsked) {
  EXPECT_EQ(wait(R"({"duration":"30 minutes"})").waits_until, intended + 30min);
  clock.advance(29min);
  EXPECT_EQ(wait(R"({"duration":"30 minutes"})").waits_until, intended + 30min);
  clock.advance(1min);
  const ActionOutcome over = wait(R"({"duration":"30 minutes"})");
  EXPECT_FALSE(over.waits_until);
  EXPECT_FALSE(over.is_error);
  EXPECT_EQ(over.result.at("waitedUntil").as_string(), to_iso(intended + 30min));
}

TEST_F(WaitTest, ADateIsWaitedForAndAPastOneIsOver) {
  const std::string soon = to_iso(intended + 2h);
  EXPECT_EQ(wait(R"({"until":")" + soon + R"("})").waits_until, intended + 2h);
  EXPECT_FALSE(wait(R"({"until":"2001-01-01T00:00:00Z"})").waits_until);
}

TEST_F(WaitTest, WhatIsNoTimeIsRefused) {
  for (const auto* input :
       {"{}", R"({"duration":"soon"})", R"({"duration":"31d"})", R"({"until":"tomorrow"})",
        R"({"duration":"1h","until":"2026-01-31T09:30:00Z"})", R"({"duration":3600})"}) {
    const ActionOutcome outcome = wait(input);
    EXPECT_TRUE(outcome.is_error) << input;
    EXPECT_FALSE(outcome.waits_until) << input;
  }
}

}  // namespace
}  // namespace bellpull
