#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "action/action.h"
#include "action/inner_fixture_test.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "domain/ids.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

using testing::HasSubstr;

class BotAskTest : public InnerTest {
 protected:
  Bot add_bot(AccountKey account, Visibility visibility = Visibility::private_) {
    return add(Bot{.account = account, .alias = "clerk", .name = "Clerk", .visibility = visibility},
               &Transaction::bots);
  }
};

TEST_F(BotAskTest, ABotOfTheAccountIsAskedAndItsModelCounts) {
  const Bot clerk = add_bot(context.account);
  const ActionOutcome outcome =
      call("```bot/ask/botId=clerk\n$[prompt!]\n```", R"({"prompt":"What is two and two?"})");
  EXPECT_EQ(outcome.result, (boost::json::value{{"text", "Clerk: What is two and two?"}}));
  ASSERT_EQ(outcome.model_calls.size(), 1U);
  EXPECT_EQ(outcome.model_calls[0].output_tokens, 3);
  EXPECT_EQ(
      text(result("@bot/ask[by-id]", R"({"prompt":"x","botId":")" + clerk.id.text() + R"("})"),
           "text"),
      "Clerk: x");
  EXPECT_EQ(text(result("@bot/ask", R"({"prompt":"x"})"), "text"), "Bell: x")
      << "the run's own bot, where none is linked";
}

TEST_F(BotAskTest, SeveralBlocksCountAllTheirModels) {
  add_bot(context.account);
  const std::string ask = "```bot/ask/botId=clerk\nx\n```\n";
  EXPECT_EQ(call(ask + ask).model_calls.size(), 2U);
}

TEST_F(BotAskTest, OfAnotherAccountOnlyAPublicBotOrALinkedOneIsAsked) {
  const AccountKey other = other_account();
  Bot theirs = add_bot(other);
  const std::string ask = "```bot/ask/id=" + theirs.id.text() + "\nx\n```";
  EXPECT_THAT(error(ask), HasSubstr("There is no bot"));
  theirs.visibility = Visibility::public_;
  stage.change([&](Transaction& rows) { return rows.bots().update(theirs); }).value();
  EXPECT_EQ(text(result(ask), "text"), "Clerk: x");

  theirs.visibility = Visibility::private_;
  stage.change([&](Transaction& rows) { return rows.bots().update(theirs); }).value();
  links.owner = other;
  EXPECT_THAT(error(ask), HasSubstr("There is no bot"));
  links.bot = theirs.id;
  EXPECT_EQ(text(result(ask), "text"), "Clerk: x") << "its owner linked it";
  const Bot own = add_bot(context.account);
  EXPECT_THAT(error("```bot/ask/id=" + own.id.text() + "\nx\n```"), HasSubstr("There is no bot"))
      << "a stranger's ability asks no bot of the run's account";
}

TEST_F(BotAskTest, NobodyIsAskedAtTheEndOfAChain) {
  add_bot(context.account);
  context.hops = 8;
  EXPECT_THAT(error("```bot/ask/botId=clerk\nx\n```"), HasSubstr("Nobody was asked: 8 triggers"));
}

TEST_F(BotAskTest, WhatIsWrongIsToldAtOnce) {
  EXPECT_EQ(error("```bot/ask\n```"), "prompt is required; botId is required");
  asker.failure = "rate limited";
  EXPECT_EQ(error("```bot/ask/id=" + stage.bot.id.text() + "\nx\n```"), "rate limited");
}

TEST_F(BotAskTest, ABlueprintsResourcesAreListed) {
  EXPECT_THAT(error("@blueprint/resource/list"), HasSubstr("belongs to no blueprint"));
  const Blueprint blueprint =
      add(Blueprint{.account = context.account, .name = "Shop"}, &Transaction::blueprints);
  const Bot bot = add(Bot{.account = context.account, .name = "Clerk", .blueprint = blueprint.id},
                      &Transaction::bots);
  context.blueprint = blueprint.id;
  const auto listed = result("@blueprint/resource/list");
  EXPECT_EQ(text(listed, "id"), blueprint.id.text());
  EXPECT_EQ(listed.at("bots"),
            (boost::json::array{boost::json::object{
                {"id", bot.id.text()}, {"name", "Clerk"}, {"description", ""}}}));
  EXPECT_TRUE(listed.at("triggers").as_array().empty());
  context.account = other_account();
  links.owner = context.account;
  EXPECT_THAT(error("```blueprint/resource/list\n" + blueprint.id.text() + "\n```"),
              HasSubstr("There is no blueprint"));
}

}  // namespace
}  // namespace bellpull
