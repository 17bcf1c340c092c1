#include "worker/worker.h"

#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "action/action.h"
#include "agent/agent.h"
#include "agent/model_catalog.h"
#include "agent/tool.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "llm/provider.h"
#include "queue/run_queue.h"
#include "store/transaction.h"
#include "support/run_stage.h"
#include "support/scripted_provider.h"
#include "support/scripted_tools.h"
#include "support/troubled_store.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class WorkerTest : public testing::Test {
 protected:
  void begin(WorkerSettings settings = {}) {
    models.add("scripted", model);
    agent = std::make_unique<Agent>(store, stage.clock, random, models, tools, AgentSettings{},
                                    stage.log);
    queue = std::make_unique<RunQueue>(stage.io.get_executor(), store, stage.clock, QueueLimits{},
                                       stage.log);
    worker = std::make_unique<Worker>(stage.io.get_executor(), *queue, store, *agent, stage.clock,
                                      settings, stage.log);
    stage.store().listen(agent->plans());
    stage.store().listen(*queue);
    stage.store().listen(*worker);
    stage.start();
    worker->start();
  }
  void TearDown() override {
    stop(0ms);
    stage.await(as_result(queue->stop()));
    stage.stop();
    stage.io.poll();  // what the writer posted last
  }

  static Task<bool> as_result(Task<void> task) {
    co_await std::move(task);
    co_return true;
  }
  void stop(Duration grace) { stage.await(as_result(worker->stop(grace))); }

  void run_until_ended(EventId event) {
    stage.run_until([&] { return !is_pending(stage.run(event).state); });
  }

  RunStage stage;
  TroubledStore store{stage.store()};
  SeededRandom random{7};
  ScriptedProvider model;
  ScriptedTools tools;
  ModelCatalog models{"scripted"};
  std::unique_ptr<Agent> agent;
  std::unique_ptr<RunQueue> queue;
  std::unique_ptr<Worker> worker;
};

TEST_F(WorkerTest, AnEventIsRunAsSoonAsItIsKept) {
  begin();
  model.always(succeeds("ok"));
  const EventId event = stage.fire("{}");
  stage.run_until([&] { return worker->counts().ended_as(RunState::succeeded) == 1; });
  EXPECT_EQ(stage.run(event).state, RunState::succeeded);
  EXPECT_EQ(worker->counts().running, 0);
}

TEST_F(WorkerTest, EventsOfOneSessionRunOneAfterTheOther) {
  begin();
  std::vector<std::string> order;
  model.always(succeeds("ok"));
  model.on_request([&] { order.push_back(model.requests().back().turns.rbegin()[2].text); });
  for (int i = 0; i < 5; ++i) stage.fire(std::to_string(i), "one");
  stage.run_until([&] { return worker->counts().ended_as(RunState::succeeded) == 5; });
  ASSERT_EQ(order.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_THAT(order[i], testing::HasSubstr(R"("body":")" + std::to_string(i) + "\""));
  }
}

TEST_F(WorkerTest, NoMoreRunsAtATimeThanItsSetting) {
  begin({.max_running = 2});
  model.hang();
  for (int i = 0; i < 5; ++i) stage.fire("{}");
  stage.run_until([&] { return model.requests().size() == 2; });
  EXPECT_EQ(worker->counts().running, 2);
  EXPECT_EQ(worker->counts().claimed, 2);
}

TEST_F(WorkerTest, ACanceledRunIsStoppedInItsIO) {
  begin();
  model.hang();
  const EventId event = stage.fire("{}", "s");
  stage.run_until([&] { return model.requests().size() == 1; });

  ASSERT_TRUE(stage.change([&](Transaction& transaction) -> Result<bool> {
    return transaction.runs().cancel(run_of(event), "by hand", stage.clock.now());
  }));
  stage.run_until([&] { return worker->counts().dropped == 1; });

  EXPECT_EQ(stage.run(event).state, RunState::canceled);
  EXPECT_EQ(stage.journal(event), "opened settled");
  model.answer_again();
  model.always(succeeds("ok"));
  run_until_ended(stage.fire("{}", "s"));
}

TEST_F(WorkerTest, ACallThatACancelCutsOffIsOnRecordOnce) {
  begin();
  stage.add_ability("send");
  tools["send"].hangs = true;
  model.then(calls({{"c1", "send", "{}"}}));
  const EventId event = stage.fire("{}");
  stage.run_until([&] { return tools["send"].inputs.size() == 1; });

  ASSERT_TRUE(stage.change([&](Transaction& transaction) -> Result<bool> {
    return transaction.runs().cancel(run_of(event), "by hand", stage.clock.now());
  }));
  stage.run_until([&] { return worker->counts().dropped == 1; });

  EXPECT_EQ(stage.journal(event), "opened model intent result settled");
  EXPECT_EQ(stage.step_content(event, 4).at("result").at("error"), "outcome_unknown");
}

TEST_F(WorkerTest, LeasesAreRenewedWhileTheirRunsGoOnAndNotAfterwards) {
  begin({.lease = 40ms});
  model.hang();
  stage.fire("{}");
  stage.run_until([&] { return model.requests().size() == 1; });
  stage.clock.advance(15ms);
  stage.run_until([&] { return store.renewals == 1; });
  stage.clock.advance(15ms);
  stage.run_until([&] { return store.renewals == 2; });

  stop(0ms);
  stage.clock.advance(1h);
  EXPECT_EQ(stage.io.poll(), 0U) << "no timer goes without a run";
  EXPECT_EQ(store.renewals, 2);
}

TEST_F(WorkerTest, ALeaseLostInTheMiddleDropsTheWork) {
  begin({.lease = 40ms});
  model.hang();
  const EventId event = stage.fire("{}");
  stage.run_until([&] { return model.requests().size() == 1; });

  store.renewal_answer = fail(ErrorCode::lease_lost, "leased again");
  stage.clock.advance(15ms);
  stage.run_until([&] { return worker->counts().dropped == 1; });
  EXPECT_EQ(stage.journal(event), "opened");
}

TEST_F(WorkerTest, ARunThatOverstaysItsTimeIsCutOff) {
  begin({.lease = 40ms});
  model.hang();
  const EventId event = stage.fire("{}");
  stage.run_until([&] { return model.requests().size() == 1; });
  stage.clock.advance(800s);
  run_until_ended(event);
  EXPECT_EQ(stage.run(event).state, RunState::incomplete);
  EXPECT_EQ(stage.run(event).reason, "timeout");
}

TEST_F(WorkerTest, AStopLetsRunsEndWithinItsGraceAndLeasesNoMore) {
  begin({.max_running = 1});
  stage.add_ability("send");
  bool stopped = false;
  // The stop comes in the middle of the first run, which still has a way to go.
  tools["send"].answer = [&](const ToolInput&) {
    boost::asio::co_spawn(stage.io, worker->stop(1h),
                          [&](const std::exception_ptr&) { stopped = true; });
    return ActionOutcome{.result = "sent"};
  };
  model.then(calls({{"c1", "send", "{}"}}));
  model.then(succeeds("ok"));
  const EventId first = stage.fire("{}");
  const EventId second = stage.fire("{}");

  stage.run_until([&] { return stopped; });

  EXPECT_EQ(stage.run(first).state, RunState::succeeded);
  EXPECT_EQ(stage.run(second).state, RunState::queued);
  EXPECT_EQ(worker->counts().claimed, 1);
}

TEST_F(WorkerTest, AStopCutsOffWhatOutlastsItsGraceAndHandsItBack) {
  begin();
  stage.add_ability("send");
  tools["send"].idempotent = false;
  tools["send"].hangs = true;
  model.then(calls({{"c1", "send", "{}"}}));
  model.hang();
  const EventId asking = stage.fire("{}");
  stage.run_until([&] { return model.requests().size() == 1; });
  model.answer_again();
  const EventId sending = stage.fire("{}");
  stage.run_until([&] { return tools["send"].inputs.size() == 1; });

  stop(5ms);

  EXPECT_EQ(worker->counts().ended_as(RunState::queued), 2);
  for (const EventId event : {asking, sending}) {
    EXPECT_EQ(stage.run(event).state, RunState::queued);
    EXPECT_EQ(stage.run(event).attempt, 0);
  }
  EXPECT_EQ(stage.journal(asking), "opened");
  EXPECT_EQ(stage.journal(sending), "opened model intent result");
}

TEST_F(WorkerTest, AStoreThatRefusesIsAskedAgainLater) {
  begin({.pause = 5ms});
  model.always(succeeds("ok"));
  store.die_now();
  const EventId event = stage.fire("{}");
  stage.run_until([&] { return store.refused_claims >= 2; });
  store.revive();
  run_until_ended(event);
  EXPECT_EQ(stage.run(event).state, RunState::succeeded);
}

}  // namespace
}  // namespace bellpull
