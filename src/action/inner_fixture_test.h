// The actions on the server's own data, called as abilities are, on a real store.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "action/ability.h"
#include "action/ability_gates.h"
#include "action/action.h"
#include "action/action_set.h"
#include "action/bot_ask.h"
#include "action/inner_actions.h"
#include "action/stored_references.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/bot.h"
#include "domain/ids.h"
#include "store/transaction.h"
#include "support/run_stage.h"
#include "trigger/event_intake.h"
#include "trigger/trigger_registry.h"
#include "vault/vault.h"

namespace bellpull {

// Answers with the bot's name and the question.
class EchoAsker final : public Asker {
 public:
  Task<Result<BotAnswer>> ask(Bot bot, std::string prompt, SteadyTime /*deadline*/) override {
    if (!failure.empty()) co_return fail(ErrorCode::unavailable, failure);
    co_return BotAnswer{.text = bot.name + ": " + prompt,
                        .use = {.model = "echo", .input_tokens = 2, .output_tokens = 3}};
  }
  std::string failure;
};

class InnerTest : public testing::Test {
 protected:
  InnerTest() {
    stage.store().listen(registry);
    stage.start();
    context = {.account = stage.account.id.key, .trigger = stage.trigger.id, .bot = stage.bot.id};
    links = {.owner = stage.account.id.key};
    add_inner_actions(actions, {.store = stage.store(),
                                .clock = stage.clock,
                                .door = {.intake = intake, .registry = registry},
                                .asker = asker});
  }
  // Before what listens to the store goes.
  void TearDown() override { stage.stop(); }

  // Of an account of its own.
  template <class Resource>
  Resource add(Resource resource, ResourceStore<Resource>& (Transaction::*table)()) {
    return stage
        .change([&](Transaction& rows) -> Result<Resource> {
          if (resource.created_at == TimePoint{}) resource.created_at = stage.clock.now();
          if (auto added = (rows.*table)().add(resource); !added) {
            return std::unexpected(added.error());
          }
          return resource;
        })
        .value();
  }
  AccountKey other_account() {
    return add(Account{.name = "other"}, &Transaction::accounts).id.key;
  }

  ActionOutcome call(std::string instruction, std::string_view arguments = "{}",
                     std::string key = {}) {
    const AbilityFunction ability(
        {.name = "one", .description = "", .instruction = std::move(instruction), .links = links},
        "one", {actions, references, gates, stage.clock});
    return stage.await(
        ability.execute({.arguments = boost::json::parse(arguments).as_object(),
                         .context = context,
                         .idempotency_key = std::move(key),
                         .deadline = stage.clock.steady_now() + std::chrono::seconds{9}}));
  }
  // Of a call that did what it was asked to.
  boost::json::object result(std::string instruction, std::string_view arguments = "{}",
                             std::string key = {}) {
    ActionOutcome outcome = call(std::move(instruction), arguments, std::move(key));
    EXPECT_FALSE(outcome.is_error) << boost::json::serialize(outcome.result);
    return outcome.result.is_object() ? outcome.result.get_object() : boost::json::object{};
  }
  // Of one that did not.
  std::string error(std::string instruction, std::string_view arguments = "{}") {
    ActionOutcome outcome = call(std::move(instruction), arguments);
    EXPECT_TRUE(outcome.is_error) << boost::json::serialize(outcome.result);
    const auto* const object = outcome.result.if_object();
    return object != nullptr && object->contains("error")
               ? std::string{object->at("error").as_string()}
               : std::string{};
  }
  static std::string text(const boost::json::object& object, std::string_view member) {
    return std::string{object.at(member).as_string()};
  }

  RunStage stage;
  Vault vault = Vault::from_hex(std::string(64, 'a')).value();
  TriggerRegistry registry{stage.store(), vault, stage.clock, {}};
  EventIntake intake{stage.io, stage.store()};
  EchoAsker asker;
  CallContext context;
  AbilityLinks links;
  ActionSet actions;
  StoredReferences references{stage.store(), vault, stage.clock};
  AbilityGates gates{0};
};

}  // namespace bellpull
