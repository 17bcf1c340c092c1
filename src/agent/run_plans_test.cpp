#include "agent/run_plans.h"

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "action/ability_gates.h"
#include "action/action_set.h"
#include "agent/ability_tools.h"
#include "agent/model_catalog.h"
#include "agent/run_limits.h"
#include "base/result.h"
#include "domain/account.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "store/transaction.h"
#include "support/no_references.h"
#include "support/run_stage.h"
#include "support/scripted_provider.h"
#include "support/scripted_tools.h"

namespace bellpull {
namespace {

// The same pointer twice is a plan that was kept.
class RunPlansTest : public testing::Test {
 protected:
  void SetUp() override {
    models.add("scripted", model);
    stage.store().listen(plans);
    stage.start();
    neighbour = add(Account{.name = "neighbour"}, &Transaction::accounts);
    neighbours_bot = add(Bot{.account = neighbour.id.key, .name = "Other"}, &Transaction::bots);
  }
  void TearDown() override { stage.stop(); }

  template <class Resource>
  Resource add(Resource resource, ResourceStore<Resource>& (Transaction::*table)()) {
    return stage
        .change([&](Transaction& rows) -> Result<Resource> {
          if (auto added = (rows.*table)().add(resource); !added) {
            return std::unexpected(added.error());
          }
          return resource;
        })
        .value();
  }
  template <class Resource>
  void update(const Resource& resource, ResourceStore<Resource>& (Transaction::*table)()) {
    ASSERT_TRUE(stage.change([&](Transaction& rows) { return (rows.*table)().update(resource); }));
  }

  SharedPlan plan() { return stage.await(plans.plan_of(stage.trigger.id.key)); }

  ScriptedProvider model;
  ScriptedTools tools;
  ModelCatalog models{"scripted"};
  RunStage stage;
  RunPlans plans{stage.store(), models, tools, RunLimits{}, stage.log};
  Account neighbour;
  Bot neighbours_bot;
};

TEST_F(RunPlansTest, AnotherAccountsConfigurationLeavesThePlanAlone) {
  const SharedPlan before = plan();
  neighbours_bot.backstory = "You are changed.";
  update(neighbours_bot, &Transaction::bots);
  EXPECT_EQ(plan(), before);

  ASSERT_TRUE(stage.change([&](Transaction& rows) -> Result<bool> {
    return rows.bots().remove(neighbours_bot.id.key);
  }));
  EXPECT_EQ(plan(), before);
}

TEST_F(RunPlansTest, ItsOwnAccountsConfigurationIsReadAgain) {
  EXPECT_TRUE(plan()->tools.empty());
  stage.add_ability("lookup");
  EXPECT_EQ(plan()->tools.size(), 1U);

  const SharedPlan before = plan();
  stage.trigger.name = "Renamed";
  update(stage.trigger, &Transaction::triggers);
  EXPECT_NE(plan(), before);
  EXPECT_EQ(plan()->trigger_name, "Renamed");
}

TEST_F(RunPlansTest, AnInvokeIsNoChangeOfTheConfiguration) {
  const SharedPlan before = plan();
  stage.trigger.last_trigger_at = stage.clock.now();
  stage.trigger.next_trigger_at = stage.clock.now();
  update(stage.trigger, &Transaction::triggers);
  EXPECT_EQ(plan(), before);
}

TEST_F(RunPlansTest, TheBotOfAnotherAccountIsFollowed) {
  stage.trigger.bot = neighbours_bot.id;
  update(stage.trigger, &Transaction::triggers);
  EXPECT_TRUE(plan()->problem) << "the bot is private";

  neighbours_bot.visibility = Visibility::public_;
  update(neighbours_bot, &Transaction::bots);
  EXPECT_FALSE(plan()->problem);

  neighbours_bot.backstory = "You are changed.";
  update(neighbours_bot, &Transaction::bots);
  EXPECT_EQ(plan()->backstory, "You are changed.");
}

TEST_F(RunPlansTest, ABlueprintAddsItsEnabledSkillsetsAndAbilitiesFromTheNextPlanOn) {
  stage.add_ability("own");
  const AccountKey account = stage.account.id.key;
  const auto blueprint =
      add(Blueprint{.account = account, .name = "Shop"}, &Transaction::blueprints);
  const auto skillset = [&](std::optional<BlueprintId> of, ResourceState state) {
    return add(Skillset{.account = account, .blueprint = of, .state = state},
               &Transaction::skillsets)
        .id;
  };
  const auto ability = [&](SkillsetId in, const std::string& name, Ability other = {}) {
    other.account = account;
    other.skillset = in;
    other.name = name;
    return add(other, &Transaction::abilities);
  };
  const SkillsetId added = skillset(blueprint.id, ResourceState::enabled);
  ability(added, "added");
  ability(added, "switched off", {.state = ResourceState::disabled});
  ability(skillset(blueprint.id, ResourceState::disabled), "of a disabled one");
  const SkillsetId elsewhere = skillset(std::nullopt, ResourceState::enabled);
  ability(elsewhere, "lone", {.blueprint = blueprint.id});
  ability(elsewhere, "not of it");
  ability(skillset(std::nullopt, ResourceState::disabled), "lone in a disabled one",
          {.blueprint = blueprint.id});
  const auto names = [&] {
    std::vector<std::string> all;
    for (const auto& tool : plan()->tools) all.push_back(tool->definition().name);
    return all;
  };
  EXPECT_EQ(names(), (std::vector<std::string>{"own"}));
  stage.trigger.blueprint = blueprint.id;
  update(stage.trigger, &Transaction::triggers);
  EXPECT_EQ(names(), (std::vector<std::string>{"own", "added", "lone"}));

  Blueprint gone = blueprint;
  ASSERT_TRUE(stage.change(
      [&](Transaction& rows) -> Result<bool> { return rows.blueprints().remove(gone.id.key); }));
  EXPECT_EQ(names(), (std::vector<std::string>{"own"}));
}

TEST_F(RunPlansTest, TheBotsOwnAbilityWinsANameClash) {
  const AccountKey account = stage.account.id.key;
  const auto blueprint = add(Blueprint{.account = account}, &Transaction::blueprints);
  const auto skillset =
      add(Skillset{.account = account, .blueprint = blueprint.id}, &Transaction::skillsets);
  add(Ability{.account = account, .skillset = skillset.id, .name = "lookup", .description = "its"},
      &Transaction::abilities);
  stage.trigger.blueprint = blueprint.id;
  update(stage.trigger, &Transaction::triggers);
  stage.add_ability("lookup");  // later, and yet the first

  const ActionSet actions;
  NoReferences references;
  AbilityGates gates{0};
  const AbilityTools abilities{{actions, references, gates, stage.clock}};
  RunPlans real{stage.store(), models, abilities, RunLimits{}, stage.log};
  const SharedPlan both = stage.await(real.plan_of(stage.trigger.id.key));
  ASSERT_EQ(both->tools.size(), 2U);
  EXPECT_EQ(both->tools[0]->definition().name, "lookup");
  EXPECT_EQ(both->tools[1]->definition().name, "lookup_2");
  EXPECT_EQ(both->tools[1]->definition().description, "its");
}

TEST_F(RunPlansTest, AReopenedStoreIsReadAgain) {
  const SharedPlan before = plan();
  plans.reopened();
  EXPECT_NE(plan(), before);
}

}  // namespace
}  // namespace bellpull
