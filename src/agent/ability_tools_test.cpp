// One event through the built-in model and real actions, on the real store.
#include "agent/ability_tools.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "action/ability_gates.h"
#include "action/action_set.h"
#include "action/echo.h"
#include "agent/agent.h"
#include "agent/model_catalog.h"
#include "base/random.h"
#include "base/result.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "llm/demo_provider.h"
#include "store/transaction.h"
#include "support/no_references.h"
#include "support/run_stage.h"

namespace bellpull {
namespace {

TEST(AbilityToolsTest, AnEventFillsAnAbilityOfARealAction) {
  RunStage stage;
  DemoProvider demo;
  ModelCatalog models{"builtin/demo"};
  models.add("builtin/demo", demo);
  ActionSet actions;
  actions.add("echo", std::make_unique<EchoAction>());
  NoReferences references;
  AbilityGates gates{0};
  const AbilityTools tools{{actions, references, gates, stage.clock}};
  SeededRandom random{1};
  Agent agent{stage.store(), stage.clock, random, models, tools, {}, stage.log};
  stage.store().listen(agent.plans());
  stage.start();
  stage.add_ability("repeat order", "```echo\n{\"order\": $[order! js|the order]}\n```");

  const EventId event = stage.fire(R"({"order":"A-7"})");
  EXPECT_EQ(stage.await(agent.execute(stage.claim(event))), RunState::succeeded);

  EXPECT_EQ(stage.journal(event), "opened model intent result model settled");
  EXPECT_EQ(stage.step_content(event, 4).at("result").at("order").as_string(), "A-7");
  stage.stop();
}

TEST(AbilityToolsTest, AnEventFillsAnAbilityThatOnlyTheTriggersBlueprintOffers) {
  RunStage stage;
  DemoProvider demo;
  ModelCatalog models{"builtin/demo"};
  models.add("builtin/demo", demo);
  ActionSet actions;
  actions.add("echo", std::make_unique<EchoAction>());
  NoReferences references;
  AbilityGates gates{0};
  const AbilityTools tools{{actions, references, gates, stage.clock}};
  SeededRandom random{1};
  Agent agent{stage.store(), stage.clock, random, models, tools, {}, stage.log};
  stage.store().listen(agent.plans());
  stage.start();
  ASSERT_TRUE(stage.change([&](Transaction& rows) -> Result<void> {
    Blueprint blueprint{.account = stage.account.id.key};
    if (auto added = rows.blueprints().add(blueprint); !added) return added;
    Skillset skillset{.account = blueprint.account, .blueprint = blueprint.id};
    if (auto added = rows.skillsets().add(skillset); !added) return added;
    Ability ability{.account = blueprint.account,
                    .skillset = skillset.id,
                    .name = "repeat order",
                    .instruction = "```echo\n{\"order\": $[order! js|the order]}\n```"};
    if (auto added = rows.abilities().add(ability); !added) return added;
    stage.trigger.blueprint = blueprint.id;
    return rows.triggers().update(stage.trigger);
  }));

  const EventId event = stage.fire(R"({"order":"A-7"})");
  EXPECT_EQ(stage.await(agent.execute(stage.claim(event))), RunState::succeeded);

  EXPECT_EQ(stage.journal(event), "opened model intent result model settled");
  EXPECT_EQ(stage.step_content(event, 4).at("result").at("order").as_string(), "A-7");
  stage.stop();
}

}  // namespace
}  // namespace bellpull
