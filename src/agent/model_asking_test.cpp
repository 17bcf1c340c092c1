#include "agent/model_asking.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/model_catalog.h"
#include "llm/provider.h"
#include "support/fake_clock.h"
#include "support/run_task.h"
#include "support/scripted_provider.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class ModelAskingTest : public testing::Test {
 protected:
  ModelAskingTest() {
    models.add("", first, {"second/b/temperature=1", "third/c", "first"});
    models.add("second/", second, {"third/c"});
    models.add("third/", third);
  }
  AskedModel ask() {
    const auto model = models.choose("first");
    EXPECT_TRUE(model);
    chosen = *model;
    return run_task(context, ask_model(&chosen, {.deadline = clock.steady_now() + 10s}, &clock));
  }
  static Failure failure(std::string cause, FailureClass kind = FailureClass::retryable) {
    return {.failure_class = kind, .cause = cause, .message = "it " + cause};
  }

  boost::asio::io_context context{1};
  FakeClock clock;
  ScriptedProvider first;
  ScriptedProvider second;
  ScriptedProvider third;
  ModelCatalog models{"first"};
  ChosenModel chosen;
};

TEST_F(ModelAskingTest, WhoeverAnswersFirstInTheChainIsTheOne) {
  first.then(failure("timeout"));
  second.then(failure("quota", FailureClass::final));
  third.then(says("here"));
  const AskedModel asked = ask();
  ASSERT_TRUE(asked.answer);
  EXPECT_EQ(asked.answer->text, "here");
  EXPECT_EQ(asked.by->full_name, "third/c");
  ASSERT_EQ(asked.passed.size(), 2U);
  EXPECT_EQ(asked.passed[1].message, "it quota");
  EXPECT_EQ(second.requests().at(0).model, "b");
  EXPECT_EQ(second.requests().at(0).options.at("temperature"), "1");
}

TEST_F(ModelAskingTest, WhenNobodyAnswersTheFailureIsTheOneThatPassesSoonest) {
  first.then(failure("quota", FailureClass::final));
  second.then({.cause = "out_of_service", .message = "", .retry_after = 30s});
  third.then({.cause = "rate_limited", .message = "", .retry_after = 5s});
  const AskedModel asked = ask();
  ASSERT_FALSE(asked.answer);
  EXPECT_EQ(asked.answer.error().cause, "rate_limited");
  ASSERT_EQ(asked.passed.size(), 2U);
  EXPECT_EQ(asked.passed[0].cause, "quota");
}

TEST_F(ModelAskingTest, AFallbackThatRefusesTheRequestIsPassedBy) {
  first.then(failure("timeout"));
  second.then(failure("context_length", FailureClass::final));
  third.then(says("here"));
  EXPECT_EQ(ask().by->full_name, "third/c");
}

TEST_F(ModelAskingTest, WhatIsWrongWithTheRequestIsAskedOfNobodyElse) {
  first.then(failure("bad_request", FailureClass::final));
  EXPECT_EQ(ask().answer.error().cause, "bad_request");
  first.then(failure("canceled"));
  EXPECT_EQ(ask().answer.error().cause, "canceled");
  EXPECT_TRUE(second.requests().empty());
}

TEST_F(ModelAskingTest, AnAnswerIsAskedOfNobodyElse) {
  first.then(says("here"));
  const AskedModel asked = ask();
  EXPECT_EQ(asked.by, &chosen);
  EXPECT_TRUE(asked.passed.empty());
}

TEST_F(ModelAskingTest, AfterTheDeadlineNobodyElseIsAsked) {
  first.on_request([&] { clock.advance(11s); });
  first.then(failure("timeout"));
  EXPECT_FALSE(ask().answer);
  EXPECT_TRUE(second.requests().empty());
}

}  // namespace
}  // namespace bellpull
