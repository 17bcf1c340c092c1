// Calls that are not over when they return: the run waits, and nothing of it is lost or repeated.
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "action/action.h"
#include "agent/agent.h"
#include "agent/model_catalog.h"
#include "agent/tool.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "store/transaction.h"
#include "support/run_stage.h"
#include "support/scripted_provider.h"
#include "support/scripted_tools.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

class WaitingTest : public testing::Test {
 protected:
  void SetUp() override {
    models.add("scripted", model);
    agent = std::make_unique<Agent>(stage.store(), stage.clock, random, models, tools,
                                    AgentSettings{}, stage.log);
    stage.store().listen(agent->plans());
    stage.start();
    stage.add_ability("pause");
    stage.add_ability("send");
    tools["send"].idempotent = false;
    tools["pause"].answer = [this](const ToolInput& input) {
      const TimePoint end = input.intended_at + 1h;
      if (stage.clock.now() < end) return ActionOutcome{.waits_until = end};
      return ActionOutcome{.result = json::object{{"over", true}}};
    };
  }
  void TearDown() override { stage.stop(); }

  std::optional<RunState> execute(EventId event) {
    return stage.await(agent->execute(stage.claim(event)));
  }

  SeededRandom random{7};
  ScriptedProvider model;
  ScriptedTools tools;
  ModelCatalog models{"scripted"};
  RunStage stage;
  std::unique_ptr<Agent> agent;
};

TEST_F(WaitingTest, TheRunWaitsAndGoesOnWithTheSameCall) {
  model.then(calls({{"c1", "pause", "{}"}, {"c2", "send", "{}"}}));
  const EventId event = stage.fire("{}");
  EXPECT_EQ(execute(event), RunState::waiting);
  EXPECT_EQ(stage.journal(event), "opened model intent intent result");
  const bellpull::Run waiting = stage.run(event);
  const TimePoint intended = tools["pause"].inputs.at(0).intended_at;
  EXPECT_EQ(waiting.due_at, intended + 1h);
  EXPECT_EQ(waiting.attempt, 0) << "waiting is no failed attempt";

  stage.clock.advance(10min);
  EXPECT_EQ(execute(event), RunState::waiting) << "woken too early, it waits for the rest";
  EXPECT_EQ(stage.run(event).due_at, intended + 1h);

  stage.clock.advance(50min);
  model.then(succeeds("done"));
  EXPECT_EQ(execute(event), RunState::succeeded);
  EXPECT_EQ(stage.journal(event), "opened model intent intent result result model settled");
  ASSERT_EQ(tools["pause"].inputs.size(), 3U);
  EXPECT_EQ(tools["pause"].inputs[0].key, tools["pause"].inputs[2].key);
  EXPECT_EQ(tools["pause"].inputs[0].intended_at, tools["pause"].inputs[2].intended_at);
  EXPECT_EQ(tools["send"].inputs.size(), 1U);
  EXPECT_EQ(model.requests().size(), 2U) << "the model is asked when all calls have a result";
}

TEST_F(WaitingTest, ItCanBeMadeDueAtOnce) {
  model.then(calls({{"c1", "pause", "{}"}}));
  const EventId event = stage.fire("{}");
  ASSERT_EQ(execute(event), RunState::waiting);
  EXPECT_TRUE(stage
                  .change([&](Transaction& rows) -> Result<bool> {
                    return rows.runs().retry(run_of(event), stage.clock.now());
                  })
                  .value());
  EXPECT_EQ(stage.run(event).due_at, stage.clock.now());
}

TEST_F(WaitingTest, ACanceledOneIsNotWaitedFor) {
  model.then(calls({{"c1", "pause", "{}"}}));
  const EventId event = stage.fire("{}");
  ASSERT_EQ(execute(event), RunState::waiting);
  ASSERT_TRUE(stage
                  .change([&](Transaction& rows) -> Result<bool> {
                    return rows.runs().cancel(run_of(event), "by hand", stage.clock.now());
                  })
                  .value());
  EXPECT_EQ(stage.run(event).state, RunState::canceled);
  EXPECT_EQ(stage.journal(event), "opened model intent result settled");
  EXPECT_EQ(stage.step_content(event, 4).at("result").at("error").as_string(), "not_awaited")
      << "it took no effect, and everybody knows";
}

}  // namespace
}  // namespace bellpull
