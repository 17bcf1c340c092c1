#include <chrono>
#include <string>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "domain/step.h"
#include "store/run_records.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class UsageTest : public ApiTest {
 protected:
  // One run with a conversation and one model call, as its worker would record it; the
  // conversation.
  std::string run(std::string model) {
    post("/integration/trigger/" + trigger + "/invoke");
    const std::string event{get("/event/inbox/list").items().at(0).at("id").as_string()};
    const auto claimed = await(store.claim({.run = run_of(*EventId::parse(event)),
                                            .now = clock.now(),
                                            .expires_at = clock.now() + 1min}));
    const auto opened = await(store.open(
        {.lease = claimed->lease,
         .now = clock.now(),
         .trigger = *TriggerId::parse(trigger),
         .bot = *BotId::parse(bot),
         .session_lifetime = 24h,
         .step = {.kind = StepKind::opened, .messages = {{MessageType::instruction, 0}}}}));
    FinishRun end{.lease = claimed->lease, .now = clock.now()};
    end.usage.model_calls = {
        {.model = std::move(model), .input_tokens = 1000, .output_tokens = 500}};
    EXPECT_TRUE(await(store.finish(std::move(end))));
    return opened->conversation.text();
  }

  std::string bot = post("/bot/create").id();
  std::string trigger = post("/integration/trigger/create", {{"name", "t"}, {"botId", bot}}).id();
};

TEST_F(UsageTest, OfAnAccountHasWhatTheContractAsksForAndMoney) {
  run("builtin/demo");
  post("/skillset/create");
  const Reply usage = get("/usage/fetch");
  EXPECT_EQ(usage.status, 200) << usage.body;
  EXPECT_EQ(usage.at("tokens"), 1500);
  EXPECT_EQ(usage.at("conversations"), 1);
  EXPECT_EQ(usage.at("messages"), 1);
  EXPECT_EQ(usage.at("database"), (json::object{{"datasets", 0},
                                                {"records", 0},
                                                {"skillsets", 1},
                                                {"abilities", 0},
                                                {"files", 0},
                                                {"users", 0}}));
  EXPECT_EQ(usage.at("costMicros"), 0) << "the builtin models cost nothing";
  EXPECT_EQ(usage.at("currency"), "USD");
  const auto other = other_account();
  EXPECT_EQ(get_as(other, "/usage/fetch").at("tokens"), 0);
}

TEST_F(UsageTest, WithoutAPriceMoneyIsUnknownAndNotNothing) {
  run("gpt");
  EXPECT_EQ(get("/usage/fetch").at("costMicros"), nullptr);
  EXPECT_EQ(post("/usage/price/set",
                 {{"model", "gpt"}, {"inputMicros", 1'000'000}, {"outputMicros", 4'000'000}})
                .status,
            200);
  run("gpt");
  const Reply usage = get("/usage/fetch");
  EXPECT_EQ(usage.at("costMicros"), 3000);
  EXPECT_EQ(usage.at("unpricedCalls"), 1);
  const json::array models = usage.at("models").as_array();
  ASSERT_EQ(models.size(), 1U);
  EXPECT_EQ(models[0].at("model"), "gpt");
  EXPECT_EQ(models[0].at("tokens"), 3000);
  EXPECT_EQ(models[0].at("costMicros"), 3000);

  const std::string run_id{
      "run_" + std::string{get("/event/inbox/list").items().at(0).at("id").as_string()}.substr(6)};
  EXPECT_EQ(get("/run/" + run_id + "/fetch").at("costMicros"), 3000);
}

TEST_F(UsageTest, OfBotTriggerAndConversationIsTheirs) {
  const std::string conversation = run("builtin/demo");
  const std::string other_bot = post("/bot/create").id();
  EXPECT_EQ(get("/bot/" + bot + "/usage/fetch").at("tokens"), 1500);
  EXPECT_EQ(get("/bot/" + other_bot + "/usage/fetch").at("tokens"), 0);
  EXPECT_EQ(get("/integration/trigger/" + trigger + "/usage/fetch").at("runs"), 1);
  const Reply of_conversation = get("/conversation/" + conversation + "/usage/fetch");
  EXPECT_EQ(of_conversation.at("tokens"), 1500) << of_conversation.body;
  EXPECT_EQ(of_conversation.at("messages"), 1);
  EXPECT_EQ(get("/conversation/" + conversation + "/usage/fetch?from=2026-01-02").at("tokens"), 0);
  EXPECT_EQ(get("/conversation/" + conversation + "/usage/fetch?to=2026-01-01").at("tokens"), 1500)
      << "a day is all of it";

  post("/conversation/" + conversation + "/delete");
  EXPECT_EQ(get("/bot/" + bot + "/usage/fetch").at("tokens"), 1500);
  EXPECT_EQ(get_as(other_account(), "/bot/" + bot + "/usage/fetch").status, 403);
}

TEST_F(UsageTest, OfABotIsThatOfItsLastThirtyDaysOrAWindow) {
  run("builtin/demo");
  clock.advance(24h * 40);
  EXPECT_EQ(get("/bot/" + bot + "/usage/fetch").at("tokens"), 0);
  EXPECT_EQ(get("/bot/" + bot + "/usage/fetch?from=2026-01-01").at("tokens"), 1500);
  EXPECT_EQ(get("/bot/" + bot + "/usage/fetch?from=2026-01-01&to=2026-01-01").at("tokens"), 1500);
  clock.advance(24h * 60);
  EXPECT_EQ(get("/bot/" + bot + "/usage/fetch?from=2026-01-01").at("tokens"), 0)
      << "never more than the last 90 days";
  const Reply bad = get("/bot/" + bot + "/usage/fetch?from=soon&to=later");
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.message(),
            "from must be a date such as 2026-01-31; to must be a date such as 2026-01-31");
  EXPECT_EQ(get("/bot/" + bot + "/usage/fetch?from=2026-02-01&to=2026-01-01").status, 400);
}

TEST_F(UsageTest, ASeriesHasAPointForEveryDayOfTheMonthSoFar) {
  clock.advance(24h * 2);
  run("builtin/demo");
  const Reply series = get("/usage/series/fetch");
  const json::array tokens = series.at("tokens").as_array();
  ASSERT_EQ(tokens.size(), 3U);
  EXPECT_EQ(tokens[0], (json::object{{"date", "2026-01-01T00:00:00.000Z"}, {"total", 0}}));
  EXPECT_EQ(tokens[2], (json::object{{"date", "2026-01-03T00:00:00.000Z"}, {"total", 1500}}));
  EXPECT_EQ(series.at("conversations").as_array().size(), 3U);
  EXPECT_EQ(series.at("messages").as_array()[2].at("total"), 1);
  EXPECT_EQ(get("/usage/series/fetch?from=2024-01-01").status, 400);
}

TEST_F(UsageTest, IsListedByDayTriggerBotAndModel) {
  run("builtin/demo");
  run("gpt");
  const json::array items = get("/usage/list").items();
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(items[0].at("type"), "tokens");
  EXPECT_EQ(items[0].at("model"), "gpt");
  EXPECT_EQ(items[0].at("count"), 1500);
  EXPECT_EQ(items[0].at("costMicros"), nullptr);
  EXPECT_EQ(items[0].at("botId"), bot.c_str());
  EXPECT_EQ(items[0].at("triggerId"), trigger.c_str());
  EXPECT_EQ(get("/usage/list?triggerId=" + trigger).items().size(), 3U);
  EXPECT_TRUE(get("/usage/list?botId=bot_x").items().empty());
  EXPECT_TRUE(get_as(other_account(), "/usage/list").items().empty());
}

TEST_F(UsageTest, PricesAreEditedByAdminsOnlyAndSeenByAll) {
  const json::object price{
      {"model", " gpt "}, {"inputMicros", 2'500'000}, {"outputMicros", 10'000'000}};
  EXPECT_EQ(post("/usage/price/set", price).text("model"), "gpt");
  const std::string plain = post("/token/create", {{"name", "plain"}}).text("token");
  EXPECT_EQ(post_as(plain, "/usage/price/set", price).status, 403);
  const json::array seen = get_as(plain, "/usage/price/list").items();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0], (json::object{{"model", "gpt"},
                                   {"inputMicros", 2'500'000},
                                   {"cachedInputMicros", nullptr},
                                   {"outputMicros", 10'000'000},
                                   {"updatedAt", "2026-01-01T00:00:00.000Z"},
                                   {"currency", "USD"}}));
  EXPECT_EQ(post("/usage/price/delete", {{"model", "gpt"}}).status, 200);
  EXPECT_EQ(post("/usage/price/delete", {{"model", "gpt"}}).status, 404);
  EXPECT_TRUE(get("/usage/price/list").items().empty());
}

TEST_F(UsageTest, APriceThatCannotBeIsRefusedWithAllThatIsWrong) {
  const Reply refused =
      post("/usage/price/set", {{"model", "gpt/temperature=1"}, {"inputMicros", -1}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(
      refused.message(),
      "model must be named without options; inputMicros must be an integer from 0 to 10000000000; "
      "outputMicros is required");
  EXPECT_EQ(
      post("/usage/price/set", {{"model", "builtin/demo"}, {"inputMicros", 1}, {"outputMicros", 1}})
          .message(),
      "builtin models cost nothing");
}

}  // namespace
}  // namespace bellpull
