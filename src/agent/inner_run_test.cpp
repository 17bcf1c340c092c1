// Runs whose abilities work on the server's own data: bots that trigger and ask one another.
#include <cstdint>
#include <expected>
#include <string>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "action/ability_gates.h"
#include "action/action_set.h"
#include "action/inner_actions.h"
#include "action/stored_references.h"
#include "agent/ability_tools.h"
#include "agent/agent.h"
#include "agent/bot_asker.h"
#include "agent/model_catalog.h"
#include "base/random.h"
#include "base/result.h"
#include "domain/bot.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/step.h"
#include "llm/demo_provider.h"
#include "llm/provider.h"
#include "store/transaction.h"
#include "support/run_stage.h"
#include "support/scripted_provider.h"
#include "trigger/event_intake.h"
#include "trigger/trigger_registry.h"
#include "vault/vault.h"

namespace bellpull {
namespace {

using testing::HasSubstr;

class InnerRunTest : public testing::Test {
 protected:
  InnerRunTest() {
    add_inner_actions(actions, {.store = stage.store(),
                                .clock = stage.clock,
                                .door = {.intake = intake, .registry = registry, .max_hops = 3},
                                .asker = asker});
    models.add("builtin/demo", demo);
    models.add("scripted", provider);
    stage.store().listen(registry);
    stage.store().listen(agent.plans());
    stage.start();
  }
  void TearDown() override { stage.stop(); }

  void use_model(std::string model) {
    stage.bot.model = std::move(model);
    stage.change([&](Transaction& rows) { return rows.bots().update(stage.bot); }).value();
  }
  EventId newest() {
    return stage.look([](const Transaction& rows) { return rows.runs().newest(); });
  }

  RunStage stage;
  Vault vault = Vault::from_hex(std::string(64, 'a')).value();
  TriggerRegistry registry{stage.store(), vault, stage.clock, {}};
  EventIntake intake{stage.io, stage.store()};
  DemoProvider demo;
  ScriptedProvider provider;
  ModelCatalog models{"builtin/demo"};
  BotAsker asker{models, stage.clock};
  ActionSet actions;
  StoredReferences references{stage.store(), vault, stage.clock};
  AbilityGates gates{0};
  AbilityTools tools{{actions, references, gates, stage.clock}};
  SeededRandom random{1};
  Agent agent{stage.store(), stage.clock, random, models, tools, {}, stage.log};
};

TEST_F(InnerRunTest, ABotThatTriggersItselfForEverIsStopped) {
  stage.add_ability(
      "again", "```trigger/send/triggerId=" + stage.trigger.id.text() + "\n{\"count\": 1}\n```");
  stage.fire(R"({"count":1})");
  std::int64_t runs = 0;
  for (EventId event{1}; event.value <= newest().value && runs < 20; ++event.value) {
    EXPECT_EQ(stage.await(agent.execute(stage.claim(event))), RunState::succeeded);
    ++runs;
  }
  EXPECT_EQ(runs, 4) << "the first, and three hops";
  std::string last;
  for (const Step& step : stage.steps(newest())) last += step.content;
  EXPECT_THAT(last, HasSubstr("Nothing was sent: 3 triggers have sent to one another"));
}

TEST_F(InnerRunTest, AContactOpensItsMemoriesOnlyWhereTheSenderIsKnown) {
  stage.add_ability("recall", "```memory/list/scope=contact\n```");
  const auto recalled = [&] {
    const EventId event = stage.fire("{}", {}, {.email = "ann@example.com"});
    EXPECT_EQ(stage.await(agent.execute(stage.claim(event))), RunState::succeeded);
    return boost::json::serialize(stage.step_content(event, 4));
  };
  EXPECT_THAT(recalled(), HasSubstr("items"));
  stage.trigger.authenticate = false;
  ++stage.trigger.version;
  stage.change([&](Transaction& rows) { return rows.triggers().update(stage.trigger); }).value();
  EXPECT_THAT(recalled(), HasSubstr("contact is only claimed"));
}

TEST_F(InnerRunTest, AQuestionGoesToTheOtherBotsModelAndCountsForTheRun) {
  const Bot clerk = stage
                        .change([&](Transaction& rows) -> Result<Bot> {
                          Bot bot{.account = stage.account.id.key,
                                  .name = "Clerk",
                                  .backstory = "You are the clerk.",
                                  .model = "scripted",
                                  .skillset = stage.skillset.id};
                          if (auto added = rows.bots().add(bot); !added)
                            return std::unexpected(added.error());
                          return bot;
                        })
                        .value();
  stage.add_ability("ask", "```bot/ask/botId=" + clerk.id.text() + "\n$[question!]\n```");
  provider.then(says("Four."));
  const EventId event = stage.fire(R"({"question":"What is two and two?"})");
  EXPECT_EQ(stage.await(agent.execute(stage.claim(event))), RunState::succeeded);
  ASSERT_EQ(provider.requests().size(), 1U);
  const ModelRequest& request = provider.requests()[0];
  EXPECT_TRUE(request.tools.empty());
  ASSERT_EQ(request.turns.size(), 2U);
  EXPECT_EQ(request.turns[0].text, "You are the clerk.");
  EXPECT_EQ(request.turns[1].text, "What is two and two?");
  const auto run = stage.run(event);
  EXPECT_EQ(run.input_tokens, 10);
  EXPECT_EQ(run.output_tokens, 5);
  EXPECT_EQ(run.model_calls, 3) << "two of its own, and the question";
}

TEST_F(InnerRunTest, AQuestionThatGetsNoAnswerSaysWhy) {
  stage.add_ability("ask", "```bot/ask/botId=" + stage.bot.id.text() + "\n$[question!]\n```");
  use_model("scripted");
  provider.then(calls({{"c1", "ask", R"({"question":"x"})"}}));
  provider.then(
      Failure{.failure_class = FailureClass::final, .cause = "quota", .message = "empty"});
  provider.then(calls({{"c2", "_failure", R"({"reason":"nobody answers"})"}}));
  const EventId event = stage.fire("{}");
  EXPECT_EQ(stage.await(agent.execute(stage.claim(event))), RunState::failed);
  const std::string told = boost::json::serialize(stage.step_content(event, 4));
  EXPECT_THAT(told, HasSubstr("The bot's model gave no answer (quota): empty"));
}

}  // namespace
}  // namespace bellpull
