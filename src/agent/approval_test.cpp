// A run that asks people: it waits, goes on or ends by what they say, whenever they say it.
#include "action/approval.h"

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "action/ability_gates.h"
#include "action/action.h"
#include "action/action_set.h"
#include "action/shape.h"
#include "action/wait.h"
#include "agent/ability_tools.h"
#include "agent/agent.h"
#include "agent/model_catalog.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/approval.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "store/approvals.h"
#include "store/transaction.h"
#include "support/no_references.h"
#include "support/run_stage.h"
#include "support/scripted_provider.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

std::vector<Approval> approvals_of(const Transaction& rows, AccountKey account) {
  return rows.approvals().list({.account = account});
}

// The action, with what happens between its look and the record that the run waits.
class HookedApproval final : public Action {
 public:
  using Afterwards = std::function<Result<void>(Transaction& rows)>;

  explicit HookedApproval(RunStage& stage) : stage_(stage), approval_(stage.store(), stage.clock) {}

  const ActionShape& shape() const override { return approval_.shape(); }
  bool is_idempotent(const ActionRequest& request) const override {
    return approval_.is_idempotent(request);
  }
  Task<ActionOutcome> execute(ActionRequest request) override {
    ActionOutcome outcome = co_await approval_.execute(std::move(request));
    if (afterwards) {
      const Afterwards work = std::exchange(afterwards, nullptr);
      const Result<void> done =
          co_await stage_.store().transact([&](Transaction& rows) { return work(rows); });
      EXPECT_TRUE(done);
    }
    co_return outcome;
  }

  Afterwards afterwards;

 private:
  RunStage& stage_;
  ApprovalAction approval_;
};

class ApprovalRunTest : public testing::Test {
 protected:
  void SetUp() override {
    auto hooked = std::make_unique<HookedApproval>(stage);
    approval = hooked.get();
    actions.add("approval", std::move(hooked));
    actions.add("wait", std::make_unique<WaitAction>(stage.clock));
    models.add("scripted", model);
    agent = std::make_unique<Agent>(stage.store(), stage.clock, random, models, tools,
                                    AgentSettings{}, stage.log);
    stage.store().listen(agent->plans());
    stage.start();
    stage.add_ability("ask", "```approval/expires=2h\n$[question!|what]\n```");
    stage.add_ability("pause", "```wait\n1d\n```");
  }
  void TearDown() override { stage.stop(); }

  std::optional<RunState> execute() { return stage.await(agent->execute(stage.claim(event))); }
  Approval only_one() {
    return stage
        .look([&](const Transaction& rows) { return approvals_of(rows, stage.account.id.key); })
        .at(0);
  }
  Result<void> decide_in(Transaction& rows, bool approve) const {
    const auto kept = approvals_of(rows, stage.account.id.key);
    const auto decided =
        decide_approval(rows, kept.back(),
                        {.approve = approve, .by = "token_1", .by_name = "Ann", .note = "because"},
                        stage.clock.now());
    if (!decided) return std::unexpected(decided.error());
    return {};
  }
  void decide(bool approve) {
    ASSERT_TRUE(stage.change([&](Transaction& rows) { return decide_in(rows, approve); }));
  }
  void start() {
    model.then(calls({{"c1", "ask", R"({"question":"Refund?"})"}}));
    event = stage.fire("{}");
  }

  SeededRandom random{7};
  RunStage stage;
  ScriptedProvider model;
  ModelCatalog models{"scripted"};
  ActionSet actions;
  HookedApproval* approval = nullptr;
  NoReferences references;
  AbilityGates gates{0};
  AbilityTools tools{{actions, references, gates, stage.clock}};
  std::unique_ptr<Agent> agent;
  EventId event;
};

TEST_F(ApprovalRunTest, AYesWakesTheRunAndItGoesOn) {
  start();
  ASSERT_EQ(execute(), RunState::waiting);
  EXPECT_EQ(stage.run(event).due_at, only_one().expires_at);
  decide(true);
  EXPECT_EQ(stage.run(event).due_at, stage.clock.now());
  model.then(succeeds("refunded"));
  EXPECT_EQ(execute(), RunState::succeeded);
  EXPECT_EQ(stage.journal(event), "opened model intent result model settled");
  EXPECT_EQ(stage.step_content(event, 4).at("result").at("by").as_string(), "Ann");
}

TEST_F(ApprovalRunTest, ANoEndsTheRunAsFailed) {
  start();
  ASSERT_EQ(execute(), RunState::waiting);
  decide(false);
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(stage.run(event).reason, "Not approved: refused by Ann: because");
  EXPECT_EQ(model.requests().size(), 1U);
}

TEST_F(ApprovalRunTest, NobodyEndsTheRunAsFailed) {
  start();
  ASSERT_EQ(execute(), RunState::waiting);
  stage.clock.advance(2h);
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(stage.run(event).reason, "Not approved: nobody decided in time");
  EXPECT_EQ(only_one().state, ApprovalState::expired);
}

TEST_F(ApprovalRunTest, ADecisionBetweenTheLookAndTheWaitIsNotSleptThrough) {
  start();
  approval->afterwards = [this](Transaction& rows) { return decide_in(rows, true); };
  ASSERT_EQ(execute(), RunState::waiting);
  EXPECT_EQ(stage.run(event).due_at, stage.clock.now());
  model.then(succeeds("refunded"));
  EXPECT_EQ(execute(), RunState::succeeded);
}

TEST_F(ApprovalRunTest, AWakeOfAnEarlierAttemptIsOver) {
  start();
  approval->afterwards = [this](Transaction& rows) -> Result<void> {
    EXPECT_TRUE(rows.runs().wake(run_of(event), stage.clock.now()));
    return {};
  };
  ASSERT_EQ(execute(), RunState::waiting);
  EXPECT_EQ(stage.run(event).due_at, stage.clock.now());
  ASSERT_EQ(execute(), RunState::waiting);
  EXPECT_EQ(stage.run(event).due_at, only_one().expires_at);
}

TEST_F(ApprovalRunTest, ACancelBetweenTheLookAndTheWaitLeavesNothingToDecide) {
  start();
  approval->afterwards = [this](Transaction& rows) -> Result<void> {
    EXPECT_TRUE(rows.runs().cancel(run_of(event), "by hand", stage.clock.now()));
    return {};
  };
  EXPECT_EQ(execute(), std::nullopt);
  EXPECT_EQ(only_one().state, ApprovalState::voided);
}

TEST_F(ApprovalRunTest, ANoIsNotHeldByWhatElseTheRunWaitsFor) {
  model.then(calls({{"c1", "ask", R"({"question":"Refund?"})"},
                    {"c2", "pause", "{}"},
                    {"c3", "ask", R"({"question":"Block?"})"}}));
  event = stage.fire("{}");
  ASSERT_EQ(execute(), RunState::waiting);
  decide(false);
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(stage.journal(event), "opened model intent intent intent result result result settled");
  EXPECT_EQ(only_one().state, ApprovalState::voided) << "the other question";
}

TEST_F(ApprovalRunTest, AYesAloneWaitsForTheOthers) {
  model.then(calls({{"c1", "ask", R"({"question":"Refund?"})"}, {"c2", "pause", "{}"}}));
  event = stage.fire("{}");
  ASSERT_EQ(execute(), RunState::waiting);
  decide(true);
  ASSERT_EQ(execute(), RunState::waiting);
  stage.clock.advance(24h);
  model.then(succeeds("done"));
  EXPECT_EQ(execute(), RunState::succeeded);
}

}  // namespace
}  // namespace bellpull
