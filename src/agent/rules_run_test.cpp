// Programs of builtin/rules in real runs, on the real store: with real abilities, and through
// crashes.
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "action/ability_gates.h"
#include "action/action.h"
#include "action/action_set.h"
#include "action/echo.h"
#include "agent/ability_tools.h"
#include "agent/agent.h"
#include "agent/model_catalog.h"
#include "agent/tool.h"
#include "base/random.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "llm/rules_provider.h"
#include "store/run_records.h"
#include "store/transaction.h"
#include "support/no_references.h"
#include "support/run_stage.h"
#include "support/scripted_tools.h"
#include "support/troubled_store.h"

namespace bellpull {
namespace {

using Moment = TroubledStore::Moment;

constexpr std::string_view program = R"(For people: orders go to the shop.

```rules
rules:
  - call: stock query
    with: { order: "{{ event.order }}" }
    as: stock
  - when: { stock.order: { equals: "{{ event.order }}" } }
    reply: "Order {{ stock.order }} of {{ contact.name | default: nobody }} for {{ trigger.meta.team }}."
  - when: { event.broken: true }
    fail: "Order {{ event.order }} is broken."
  - call_all:
      - { call: mail, with: { n: 1 } }
      - { call: mail, with: { n: 2 }, on_error: continue, as: second }
  - reply: "Second mail: {{ second.error | default: sent }}."
```
)";

class RulesRunTest : public testing::Test {
 protected:
  RulesRunTest() : store(stage.store()) {
    models.add("builtin/rules", rules);
    actions.add("echo", std::make_unique<EchoAction>());
  }
  void start(const ToolMaker& tools) {
    agent = std::make_unique<Agent>(store, stage.clock, random, models, tools, AgentSettings{},
                                    stage.log);
    stage.store().listen(agent->plans());
    stage.start();
    write(program);
  }
  void TearDown() override { stage.stop(); }

  void write(std::string_view backstory) {
    stage.bot.backstory = backstory;
    ASSERT_TRUE(stage.change([&](Transaction& rows) { return rows.bots().update(stage.bot); }));
  }
  std::optional<RunState> attempt(EventId event, Lease* lease = nullptr) {
    ClaimedRun claimed = stage.claim(event);
    if (lease != nullptr) *lease = claimed.lease;
    return stage.await(agent->execute(std::move(claimed)));
  }
  // What a restart does with a run that was running.
  void requeue(Lease lease) {
    FinishRun handed_back{.lease = lease, .now = stage.clock.now(), .state = RunState::queued};
    handed_back.counts_attempt = false;
    EXPECT_TRUE(stage.await(stage.store().finish(handed_back)));
  }
  // What the bot said.
  std::vector<std::string> replies(EventId event) {
    std::vector<std::string> texts;
    for (const Message& message : stage.messages(event)) {
      if (message.type == MessageType::bot) texts.push_back(message.text);
    }
    return texts;
  }

  RunStage stage;
  TroubledStore store;
  SeededRandom random{7};
  RulesProvider rules;
  ModelCatalog models{"builtin/rules"};
  ActionSet actions;
  NoReferences references;
  AbilityGates gates{0};
  std::unique_ptr<Agent> agent;
};

TEST_F(RulesRunTest, AProgramCallsRealAbilitiesByTheirOwnNames) {
  const AbilityTools tools{{actions, references, gates, stage.clock}};
  start(tools);
  stage.add_ability("stock query", "```echo\n{\"order\": $[order! js|the order]}\n```");
  stage.add_ability("mail", "```echo\n{\"sent\": $[n! js|which]}\n```");

  const EventId event = stage.fire(R"({"order":"A-7"})", {}, {.name = "Ann"});
  EXPECT_EQ(attempt(event), RunState::succeeded) << stage.run(event).error_message;

  EXPECT_EQ(stage.journal(event),
            "opened model intent result model intent intent result result model settled");
  EXPECT_THAT(replies(event),
              testing::ElementsAre("Order A-7 of Ann for ops.", "Second mail: sent."));
  EXPECT_EQ(stage.run(event).reason, "The rules were followed to their end; calls made: 3.");

  const EventId broken = stage.fire(R"({"order":"A-8","broken":true})");
  EXPECT_EQ(attempt(broken), RunState::failed);
  EXPECT_EQ(stage.run(broken).reason, "Order A-8 is broken.");
}

TEST_F(RulesRunTest, TheNextRunOfASessionBeginsAnew) {
  const AbilityTools tools{{actions, references, gates, stage.clock}};
  start(tools);
  stage.add_ability("stock query", "```echo\n{\"order\": $[order! js|the order]}\n```");
  stage.add_ability("mail", "```echo\n{\"sent\": $[n! js|which]}\n```");
  const EventId first = stage.fire(R"({"order":"A-1"})", "ann");
  ASSERT_EQ(attempt(first), RunState::succeeded);

  const EventId second = stage.fire(R"({"order":"A-2"})", "ann");
  EXPECT_EQ(attempt(second), RunState::succeeded) << stage.run(second).error_message;

  EXPECT_EQ(stage.run(first).conversation, stage.run(second).conversation);
  EXPECT_EQ(stage.journal(second), stage.journal(first));
  EXPECT_EQ(stage.step_content(second, 4).at("result").at("order").as_string(), "A-2");
}

TEST_F(RulesRunTest, ABrokenProgramIsADeadRunThatSaysWhatIsWrongAndIsNotTriedAgain) {
  const AbilityTools tools{{actions, references, gates, stage.clock}};
  start(tools);
  write("rules:\n  - call: stok\n");

  const EventId event = stage.fire("{}");
  EXPECT_EQ(attempt(event), RunState::dead);

  EXPECT_EQ(stage.run(event).reason, "bad_program");
  EXPECT_THAT(stage.run(event).error_message,
              testing::HasSubstr("line 2: there is no ability `stok`"));
}

TEST_F(RulesRunTest, AWholeBackstoryIsAProgramWithoutTheAgentsWords) {
  const AbilityTools tools{{actions, references, gates, stage.clock}};
  start(tools);
  write("rules:\n  - reply: It is ${BOT_NAME}.\n");

  const EventId event = stage.fire("{}");
  EXPECT_EQ(attempt(event), RunState::succeeded) << stage.run(event).error_message;
  EXPECT_THAT(replies(event), testing::ElementsAre("It is Bell."));
}

TEST_F(RulesRunTest, WhereverTheProcessDiesTheProgramGoesOnThereAndRepeatsNoCall) {
  ScriptedTools tools;
  start(tools);
  stage.add_ability("stock query");
  stage.add_ability("mail");
  tools["stock query"].answer = [](const ToolInput& input) {
    return ActionOutcome{.result = input.arguments};
  };
  const EventId undisturbed = stage.fire(R"({"order":"A-7"})");
  ASSERT_EQ(attempt(undisturbed), RunState::succeeded) << stage.run(undisturbed).error_message;
  const int commits = store.commits;
  ASSERT_GE(commits, 5);

  for (const Moment moment : {Moment::before_commit, Moment::after_commit}) {
    for (int k = 0; k < commits; ++k) {
      SCOPED_TRACE("commit " + std::to_string(k));
      tools["mail"].inputs.clear();
      const EventId event = stage.fire(R"({"order":"A-7"})");
      store.die_after(k, moment);
      Lease lease;
      attempt(event, &lease);
      store.revive();
      if (is_pending(stage.run(event).state)) {
        requeue(lease);
        EXPECT_EQ(attempt(event), RunState::succeeded) << stage.run(event).error_message;
      }
      EXPECT_EQ(stage.journal(event), stage.journal(undisturbed));
      EXPECT_EQ(replies(event), replies(undisturbed));
      std::set<std::string> keys;
      for (const ToolInput& input : tools["mail"].inputs) keys.insert(input.key);
      EXPECT_EQ(keys.size(), 2U) << "one key for each call, however often it is tried";
    }
  }
}

TEST_F(RulesRunTest, AProgramThatIsChangedBetweenTwoAttemptsDoesNothingMore) {
  ScriptedTools tools;
  start(tools);
  stage.add_ability("stock query");
  stage.add_ability("mail");
  const EventId event = stage.fire(R"({"order":"A-7"})");
  store.die_after(3, Moment::before_commit);
  Lease lease;
  attempt(event, &lease);
  store.revive();
  requeue(lease);
  write("rules:\n  - call: mail\n");
  tools["mail"].inputs.clear();

  EXPECT_EQ(attempt(event), RunState::dead);
  EXPECT_EQ(stage.run(event).reason, "program_changed");
  EXPECT_TRUE(tools["mail"].inputs.empty());
}

}  // namespace
}  // namespace bellpull
