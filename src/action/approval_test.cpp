#include "action/approval.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "action/action.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/approval.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "store/approvals.h"
#include "store/transaction.h"
#include "support/run_stage.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class ApprovalTest : public testing::Test {
 protected:
  void SetUp() override {
    stage.start();
    event = stage.fire("{}");
    intended = stage.clock.now();
  }
  void TearDown() override { stage.stop(); }

  ActionOutcome ask(const std::string& input, const std::string& key = "call-1") {
    ActionRequest request{.input = boost::json::parse(input).as_object(),
                          .context = {.account = stage.account.id.key,
                                      .trigger = stage.trigger.id,
                                      .run = run_of(event)},
                          .idempotency_key = key,
                          .intended_at = intended};
    return stage.await(action.execute(std::move(request)));
  }
  std::vector<Approval> kept() {
    return stage.look([&](const Transaction& rows) {
      return rows.approvals().list({.account = stage.account.id.key});
    });
  }
  Result<Approval> decide(const Decision& decision) {
    return stage.change([&](Transaction& rows) {
      return decide_approval(rows, *rows.approvals().find(kept_.id.key), decision,
                             stage.clock.now());
    });
  }
  void ask_and_decide(const std::string& input, const Decision& decision) {
    ASSERT_TRUE(ask(input).waits_until);
    kept_ = kept().at(0);
    ASSERT_TRUE(decide(decision));
  }

  RunStage stage;
  ApprovalAction action{stage.store(), stage.clock};
  EventId event;
  TimePoint intended;
  Approval kept_;
};

TEST_F(ApprovalTest, OneCallAsksOnceHoweverOftenItIsMade) {
  const std::string input = R"({"question":"Refund 90?","details":{"order":"A-7"},"expires":"2h"})";
  EXPECT_EQ(ask(input).waits_until, intended + 2h);
  stage.clock.advance(1h);
  EXPECT_EQ(ask(input).waits_until, intended + 2h);
  ASSERT_EQ(kept().size(), 1U);
  EXPECT_EQ(ask(input, "call-2").waits_until, intended + 3h) << "asked later, by another call";
  ASSERT_EQ(kept().size(), 2U);

  const Approval first = kept().at(1);
  EXPECT_EQ(first.question, "Refund 90?");
  EXPECT_EQ(first.details, R"({"order":"A-7"})");
  EXPECT_EQ(first.state, ApprovalState::pending);
  EXPECT_EQ(first.trigger, stage.trigger.id);
  EXPECT_EQ(first.run, run_of(event));
  const std::vector<LogItem> log = stage.look([&](const Transaction& rows) {
    return rows.log()
        .look({.account = stage.account.id.key, .filters = {{"type", {"approval.create"}}}})
        .rows;
  });
  ASSERT_EQ(log.size(), 2U);
  EXPECT_EQ(log.at(1).about.trigger, stage.trigger.id);
  EXPECT_EQ(log.at(1).about.bot, stage.bot.id);
  EXPECT_EQ(log.at(1).meta, R"({"approvalId":")" + first.id.text() + R"("})");
}

TEST_F(ApprovalTest, AYesGoesBackToTheModel) {
  ask_and_decide(R"({"question":"Refund?"})",
                 {.approve = true, .by = "token_1", .by_name = "Ann", .note = "fine"});
  const ActionOutcome outcome = ask(R"({"question":"Refund?"})");
  EXPECT_FALSE(outcome.waits_until);
  EXPECT_FALSE(outcome.settles);
  EXPECT_EQ(outcome.result, boost::json::parse(R"({"approved":true,"by":"Ann","note":"fine"})"));
}

TEST_F(ApprovalTest, ANoEndsTheRunAndSaysWhoAndWhy) {
  ask_and_decide(R"({"question":"Refund?"})",
                 {.approve = false, .by = "link", .by_name = "", .note = "too much"});
  const ActionOutcome outcome = ask(R"({"question":"Refund?"})");
  EXPECT_EQ(outcome.settles, Settlement::failure);
  EXPECT_EQ(outcome.reason, "Not approved: refused by link: too much");
  const Result<Approval> again = decide({.approve = true, .by = "link"});
  EXPECT_EQ(again.error().code, ErrorCode::conflict) << "it is decided once";
}

TEST_F(ApprovalTest, ANoIsToldWhereTheInstructionSaysSo) {
  const std::string input = R"({"question":"Refund?","onRefusal":"tell"})";
  ask_and_decide(input, {.approve = false, .by = "token_1", .by_name = "Ann", .note = ""});
  const ActionOutcome outcome = ask(input);
  EXPECT_FALSE(outcome.settles);
  EXPECT_FALSE(outcome.is_error);
  EXPECT_EQ(outcome.result, boost::json::parse(R"({"approved":false,"by":"Ann","note":""})"));
}

TEST_F(ApprovalTest, WhatNobodyDecidesExpiresAndTakesNoDecisionAnyMore) {
  ASSERT_EQ(ask(R"({"question":"Refund?"})").waits_until, intended + 24h * 7);
  kept_ = kept().at(0);
  stage.clock.advance(24h * 7);
  EXPECT_EQ(decide({.approve = true, .by = "link"}).error().code, ErrorCode::conflict)
      << "not even before the run has noticed";
  const ActionOutcome outcome = ask(R"({"question":"Refund?"})");
  EXPECT_EQ(outcome.settles, Settlement::failure);
  EXPECT_EQ(outcome.reason, "Not approved: nobody decided in time");
  EXPECT_EQ(kept().at(0).state, ApprovalState::expired);
  EXPECT_FALSE(ask(R"({"question":"Refund?","onRefusal":"tell"})").settles);
}

TEST_F(ApprovalTest, TheEndOfItsRunMakesItVoid) {
  ASSERT_TRUE(ask(R"({"question":"Refund?"})").waits_until);
  kept_ = kept().at(0);
  ASSERT_TRUE(stage.change([&](Transaction& rows) -> Result<bool> {
    return rows.runs().cancel(run_of(event), "by hand", stage.clock.now());
  }));
  EXPECT_EQ(kept().at(0).state, ApprovalState::voided);
  EXPECT_EQ(decide({.approve = true, .by = "link"}).error().code, ErrorCode::conflict);
  EXPECT_TRUE(ask(R"({"question":"And now?"})", "call-2").is_error);
  EXPECT_EQ(kept().size(), 1U) << "a run that has ended asks nobody";
}

TEST_F(ApprovalTest, AMistakeInTheInputAsksNobody) {
  for (const auto* input :
       {"{}", R"({"question":" "})", R"({"question":"a","expires":"31d"})",
        R"({"question":"a","expires":"soon"})", R"({"question":"a","expires":"0s"})",
        R"({"question":"a","onRefusal":"stop"})", R"({"question":["a"]})"}) {
    EXPECT_TRUE(ask(input).is_error) << input;
  }
  EXPECT_TRUE(ask(R"({"question":")" + std::string(4'001, 'x') + R"("})").is_error);
  EXPECT_TRUE(kept().empty());
}

TEST_F(ApprovalTest, WithoutARunNobodyIsAsked) {
  ActionRequest request{.input = boost::json::parse(R"({"question":"a"})").as_object(),
                        .context = {.account = stage.account.id.key}};
  EXPECT_TRUE(stage.await(action.execute(std::move(request))).is_error);
}

}  // namespace
}  // namespace bellpull
