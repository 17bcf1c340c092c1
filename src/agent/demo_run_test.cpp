// One event through the built-in model, on the real store.
#include <string>

#include <gtest/gtest.h>

#include "agent/agent.h"
#include "agent/model_catalog.h"
#include "base/random.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "llm/demo_provider.h"
#include "support/run_stage.h"
#include "support/scripted_tools.h"

namespace bellpull {
namespace {

TEST(DemoRunTest, TheDemoModelCallsWhatItCanAndSettles) {
  RunStage stage;
  DemoProvider demo;
  ModelCatalog models{"builtin/demo"};
  models.add("builtin/demo", demo);
  ScriptedTools tools;
  SeededRandom random{1};
  Agent agent{stage.store(), stage.clock, random, models, tools, {}, stage.log};
  stage.store().listen(agent.plans());
  stage.start();
  stage.add_ability("remind");

  const EventId event = stage.fire(R"({"order":"A-7"})");
  EXPECT_EQ(stage.await(agent.execute(stage.claim(event))), RunState::succeeded);

  EXPECT_EQ(stage.journal(event), "opened model intent result model settled");
  EXPECT_EQ(tools["remind"].inputs.size(), 1U);
  stage.stop();
}

}  // namespace
}  // namespace bellpull
