#include <chrono>
#include <string>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"

namespace bellpull {
namespace {

class TriggersTest : public ApiTest {
 protected:
  std::string bot = post("/bot/create").id();
  const std::string base = "/integration/trigger";

  Reply create(json::object fields) {
    fields.emplace("botId", bot);
    return post(base + "/create", fields);
  }
  json::object fetch(const std::string& id) { return get(base + "/" + id + "/fetch").object(); }
  Reply update(const std::string& id, const json::object& fields) {
    return post(base + "/" + id + "/update", fields);
  }
};

TEST_F(TriggersTest, IsCreatedWithASecretAndFetchedWithEveryField) {
  const Reply created = create(
      {{"name", "Orders"}, {"sessionDuration", 3'600'000}, {"triggerSchedule", "0 0 * * *"}});
  ASSERT_EQ(created.status, 200) << created.body;
  EXPECT_EQ(created.text("secret").size(), 64U);

  const Reply fetched = get(base + "/" + created.id() + "/fetch");
  EXPECT_EQ(
      fetched.body,
      R"({"id":")" + created.id() + R"(","alias":null,"name":"Orders","description":"",)" +
          R"("blueprintId":null,"botId":")" + bot + R"(","secret":")" + created.text("secret") +
          R"(","previousSecretExpiresAt":null,"authenticate":true,"state":"enabled",)" +
          R"("rateLimit":null,"schedule":"0 0 * * *","triggerSchedule":"0 0 * * *",)"
          R"("timezone":null,"scheduleStartAt":null,"scheduleEndAt":null,"scheduleJitter":null,)"
          R"("scheduleCatchUp":"last","scheduleCatchUpLimit":null,"scheduleCatchUpWindow":null,)"
          R"("scheduleOverlap":"queue","schedulePauseAfter":null,"scheduleBody":null,)"
          R"("scheduleSession":null,"scheduleContact":null,"scheduleState":"active",)"
          R"("scheduleError":null,"sessionDuration":3600000,"deliveryId":null,"lastTriggerAt":null,)"
          R"("nextTriggerAt":"2026-01-02T00:00:00.000Z","meta":{},)"
          R"("createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z"})");
}

TEST_F(TriggersTest, DeliveryIdIsKeptChangedAndClearedLikeAnyField) {
  const json::object sources{{"headers", {"Webhook-Id"}}, {"jsonPath", "$.data.id"}};
  const std::string id = create({{"deliveryId", sources}}).id();
  const json::object kept{{"headers", {"webhook-id"}}, {"jsonPath", "$.data.id"}};
  EXPECT_EQ(fetch(id).at("deliveryId"), json::value(kept));

  EXPECT_EQ(update(id, {{"name", "x"}}).status, 200);
  EXPECT_EQ(fetch(id).at("deliveryId"), json::value(kept)) << "absent: unchanged";
  EXPECT_EQ(update(id, fetch(id)).status, 200) << "what was fetched can be posted back";
  EXPECT_EQ(fetch(id).at("deliveryId"), json::value(kept));
  EXPECT_EQ(update(id, {{"deliveryId", nullptr}}).status, 200);
  EXPECT_TRUE(fetch(id).at("deliveryId").is_null());

  const Reply refused = create({{"deliveryId", {{"header", "x"}}}, {"sessionDuration", -1}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.message(),
            "sessionDuration must be an integer from 0 to 2628000000; "
            "deliveryId has no member header");
}

TEST_F(TriggersTest, NeedsABot) {
  for (const json::object& fields :
       {json::object{}, json::object{{"botId", nullptr}}, json::object{{"botId", ""}}}) {
    const Reply refused = post(base + "/create", fields);
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.message(), "botId is required");
  }
  const Reply missing = post(base + "/create", {{"name", "x"}, {"botId", "bot_missing"}});
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.message(), "Bot not found");
}

TEST_F(TriggersTest, RefusesBadSettingsInPreciseWords) {
  EXPECT_EQ(create({{"triggerSchedule", "61 * * * *"}}).message(),
            "schedule is not valid: minute 61 is out of range 0-59");
  EXPECT_EQ(create({{"sessionDuration", -1}}).message(),
            "sessionDuration must be an integer from 0 to 2628000000");
  EXPECT_EQ(create({{"sessionDuration", 1.5}}).status, 400);
  EXPECT_EQ(create({{"sessionDuration", "1"}}).status, 400);
  EXPECT_EQ(create({{"sessionDuration", 2'628'000'000}}).status, 200);
  EXPECT_EQ(create({{"timezone", "Europe/Olso"}}).status, 400);
}

TEST_F(TriggersTest, ScheduleHasTwoNamesThatMustAgreeOnCreate) {
  EXPECT_EQ(create({{"schedule", "daily"}, {"triggerSchedule", "daily"}}).status, 200);
  EXPECT_EQ(create({{"schedule", "daily"}, {"triggerSchedule", "hourly"}}).status, 400);
}

TEST_F(TriggersTest, AFetchedTriggerCanBeEditedUnderEitherNameAndPostedBack) {
  const std::string id = create({{"schedule", "daily"}}).id();
  json::object whole = fetch(id);
  whole["triggerSchedule"] = "hourly";
  EXPECT_EQ(update(id, whole).status, 200);
  EXPECT_EQ(fetch(id).at("schedule"), "hourly");

  whole = fetch(id);
  whole["schedule"] = nullptr;
  EXPECT_EQ(update(id, whole).status, 200);
  EXPECT_EQ(fetch(id).at("triggerSchedule"), nullptr);
  EXPECT_EQ(fetch(id).at("nextTriggerAt"), nullptr);

  EXPECT_EQ(update(id, {{"schedule", "daily"}, {"triggerSchedule", "hourly"}}).status, 400)
      << "both differ from what is kept";
}

TEST_F(TriggersTest, OnlyAChangeOfTheScheduleMovesTheNextTime) {
  const std::string id = create({{"schedule", "hourly"}}).id();
  EXPECT_EQ(fetch(id).at("nextTriggerAt"), "2026-01-01T01:00:00.000Z");
  clock.advance(std::chrono::minutes{30});

  update(id, {{"name", "renamed"}, {"schedule", "hourly"}});
  EXPECT_EQ(fetch(id).at("nextTriggerAt"), "2026-01-01T01:00:00.000Z");

  update(id, {{"schedule", "0 9 * * *"}});
  EXPECT_EQ(fetch(id).at("nextTriggerAt"), "2026-01-01T09:00:00.000Z");
  update(id, {{"timezone", "Europe/Oslo"}});
  EXPECT_EQ(fetch(id).at("nextTriggerAt"), "2026-01-01T08:00:00.000Z");
  EXPECT_EQ(fetch(id).at("timezone"), "Europe/Oslo");

  update(id, {{"schedule", ""}});
  EXPECT_EQ(fetch(id).at("nextTriggerAt"), nullptr);
}

TEST_F(TriggersTest, ACreatedOnesSecretIsShownToTokensThatMayReadSecretsOnly) {
  const std::string writer = post("/token/create", {{"scopes", {"read", "write"}}}).text("token");
  const json::object body{{"name", "t"}, {"botId", bot}};
  EXPECT_EQ(post_as(writer, base + "/create", body).at("secret"), nullptr);

  const Reply full = post("/token/create", {{"name", "full"}});
  const auto repeated = [&] {
    return judged("post", base + "/create", "",
                  client().send("POST", "/api/v1" + base + "/create",
                                auth(full.text("token")) +
                                    "content-type: application/json\r\nidempotency-key: k\r\n",
                                json::serialize(body)));
  };
  const Reply first = repeated();
  EXPECT_EQ(first.text("secret").size(), 64U);
  EXPECT_EQ(post("/token/" + full.id() + "/update", {{"scopes", {"write"}}}).status, 200);
  const Reply again = repeated();
  EXPECT_EQ(again.header("idempotent-replayed"), "true");
  EXPECT_EQ(again.id(), first.id());
  EXPECT_EQ(again.at("secret"), nullptr) << "the token has lost the scope since";
}

TEST_F(TriggersTest, TheSecretIsShownToTokensThatMayReadSecretsOnly) {
  const Reply created = create({{"name", "t"}, {"authenticate", false}});
  const std::string reader = post("/token/create", {{"scopes", {"read"}}}).text("token");
  EXPECT_EQ(get_as(reader, base + "/" + created.id() + "/fetch").at("secret"), nullptr);
  EXPECT_EQ(get_as(reader, base + "/list").items().at(0).at("secret"), nullptr);
  EXPECT_EQ(get(base + "/list").items().at(0).at("secret"), created.text("secret").c_str());
}

TEST_F(TriggersTest, TheSecretSurvivesEveryUpdateAndIsNeverTakenFromOne) {
  const Reply created = create({});
  update(created.id(), {{"authenticate", false}, {"secret", "mine"}});
  update(created.id(), {{"authenticate", true}});
  EXPECT_EQ(fetch(created.id()).at("secret"), created.text("secret").c_str());
}

TEST_F(TriggersTest, ADeletedOneIsGoneAndItsAliasIsFree) {
  const std::string id = create({{"alias", "orders"}}).id();
  EXPECT_EQ(post(base + "/" + id + "/delete").id(), id);
  EXPECT_EQ(get(base + "/" + id + "/fetch").status, 404);
  EXPECT_EQ(get(base + "/@orders/fetch").status, 404);
  EXPECT_EQ(post(base + "/" + id + "/delete").status, 404);
  EXPECT_EQ(post(base + "/" + id + "/invoke").status, 404);
  EXPECT_TRUE(get(base + "/list").items().empty());
  EXPECT_EQ(create({{"alias", "orders"}}).status, 200);
}

TEST_F(TriggersTest, AnInvokeIsAnEventThatIsListedAndFetched) {
  const std::string id = create({{"schedule", "hourly"}}).id();
  clock.advance(std::chrono::minutes{1});
  EXPECT_EQ(post(base + "/" + id + "/invoke", {{"anything", 1}}).body, R"({"id":")" + id + R"("})");
  EXPECT_EQ(fetch(id).at("lastTriggerAt"), "2026-01-01T00:01:00.000Z");
  EXPECT_EQ(fetch(id).at("nextTriggerAt"), "2026-01-01T01:00:00.000Z");
  EXPECT_EQ(fetch(id).at("updatedAt"), "2026-01-01T00:00:00.000Z");

  const json::array events = get("/event/inbox/list?triggerId=" + id).items();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].at("source"), "invoke");
  EXPECT_EQ(events[0].at("triggerId"), id.c_str());
  const std::string event{events[0].at("id").as_string()};
  EXPECT_EQ(get("/event/inbox/" + event + "/fetch").text("body"),
            R"({"type":"invoke","reason":"invoked by hand"})");
}

TEST_F(TriggersTest, TwoInvokesAreTwoEvents) {
  const std::string id = create({}).id();
  post(base + "/" + id + "/invoke");
  post(base + "/" + id + "/invoke");
  EXPECT_EQ(get("/event/inbox/list").items().size(), 2U);
}

TEST_F(TriggersTest, SetupSaysWhatIsMissing) {
  const std::string id = create({}).id();
  EXPECT_EQ(post(base + "/" + id + "/setup").body, R"({"id":")" + id + R"("})");
  update(id, {{"botId", nullptr}});
  const Reply refused = post(base + "/" + id + "/setup");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.message(), "Bot is not set");
  EXPECT_EQ(post(base + "/" + id + "/invoke").status, 200) << "the run reports it";
}

TEST_F(TriggersTest, IsListedByItsBot) {
  create({});
  const std::string second_bot = post("/bot/create").id();
  const std::string other = post(base + "/create", {{"botId", second_bot}}).id();

  const json::array found = get(base + "/list?botId=" + second_bot).items();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].at("id"), other.c_str());
  EXPECT_EQ(get(base + "/list?botId=" + bot + "," + second_bot).items().size(), 2U);
  EXPECT_EQ(get(base + "/list?botId=").items().size(), 2U);
  EXPECT_TRUE(get(base + "/list?botId=nonsense").items().empty());
}

TEST_F(TriggersTest, KnownButUnbuiltPartsSaySo) {
  const Reply reply = post("/integration/slack/create");
  EXPECT_EQ(reply.status, 501);
  EXPECT_EQ(reply.text("code"), "NOT_IMPLEMENTED");
}

}  // namespace
}  // namespace bellpull
