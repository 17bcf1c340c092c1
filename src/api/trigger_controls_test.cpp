#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "store/run_records.h"
#include "store/transaction.h"
#include "trigger/trigger_secret.h"

namespace bellpull {
namespace {

class TriggerControlsTest : public ApiTest {
 protected:
  std::string bot = post("/bot/create").id();
  Reply made = post("/integration/trigger/create",
                    {{"name", "t"}, {"botId", bot}, {"schedule", "0 * * * *"}});
  std::string id = made.id();
  std::string first_secret = made.text("secret");

  std::string one(const std::string& what) { return "/integration/trigger/" + id + "/" + what; }
  json::object fetch() { return get(one("fetch")).object(); }
  // The row, with its secrets.
  Trigger kept() {
    return await(store.read(
        [&](const Transaction& rows) { return *rows.triggers().find(*TriggerId::parse(id)); }));
  }
  std::string token_with(json::array scopes) {
    return post("/token/create", {{"name", "t"}, {"scopes", std::move(scopes)}}).text("token");
  }
};

TEST_F(TriggerControlsTest, ARotatedSecretReplacesTheOldOneAtOnce) {
  const Trigger before = kept();
  const Reply rotated = post(one("secret/rotate"));
  ASSERT_EQ(rotated.status, 200) << rotated.body;
  EXPECT_EQ(rotated.id(), id);
  EXPECT_EQ(rotated.text("secret").size(), 64U);
  EXPECT_NE(rotated.text("secret"), first_secret);
  EXPECT_EQ(fetch().at("secret"), rotated.at("secret"));
  EXPECT_EQ(fetch().at("previousSecretExpiresAt"), nullptr);
  EXPECT_FALSE(previous_trigger_secret(vault, kept()));
  EXPECT_GT(kept().version, before.version) << "events on their way are judged again";
}

TEST_F(TriggerControlsTest, WithAGraceTheOldSecretStaysValidUntilItsEnd) {
  const Reply rotated = post(one("secret/rotate"), {{"graceMs", 3'600'000}});
  EXPECT_EQ(fetch().at("previousSecretExpiresAt"), "2026-01-01T01:00:00.000Z");
  EXPECT_EQ(previous_trigger_secret(vault, kept()), first_secret);
  EXPECT_EQ(trigger_secret(vault, kept()), rotated.text("secret"));

  post(one("secret/rotate"), {{"graceMs", 1}});
  EXPECT_EQ(previous_trigger_secret(vault, kept()), rotated.text("secret"))
      << "two are valid at a time";
  post(one("secret/rotate"), {{"graceMs", nullptr}});
  EXPECT_FALSE(previous_trigger_secret(vault, kept()));
}

TEST_F(TriggerControlsTest, AGraceIsThirtyDaysAtMost) {
  EXPECT_EQ(post(one("secret/rotate"), {{"graceMs", 2'592'000'001}}).message(),
            "graceMs must be an integer from 0 to 2592000000");
  EXPECT_EQ(post(one("secret/rotate"), {{"graceMs", -1}}).status, 400);
  EXPECT_EQ(fetch().at("secret"), first_secret.c_str()) << "nothing was rotated";
  EXPECT_EQ(post(one("secret/rotate"), {{"graceMs", 2'592'000'000}}).status, 200);
}

TEST_F(TriggerControlsTest, ASecretIsRevealedToWhoMayReadSecrets) {
  const Reply revealed = post(one("secret/reveal"));
  EXPECT_EQ(revealed.body, R"({"id":")" + id + R"(","secret":")" + first_secret + R"("})");
  const std::string writer = token_with({"read", "write"});
  EXPECT_EQ(post_as(writer, one("secret/reveal")).status, 403);
  EXPECT_EQ(post_as(writer, one("secret/rotate")).at("secret"), nullptr)
      << "who may not read secrets rotates them unseen";
  EXPECT_EQ(post_as(token_with({"read", "secrets:read"}), one("secret/reveal")).status, 200);
  EXPECT_EQ(post_as(other_account(), one("secret/reveal")).status, 403);
}

TEST_F(TriggerControlsTest, APausedTriggerSaysSoAndHasNoNextTime) {
  EXPECT_EQ(fetch().at("state"), "enabled");
  EXPECT_EQ(fetch().at("nextTriggerAt"), "2026-01-01T01:00:00.000Z");
  EXPECT_EQ(post(one("pause")).id(), id);
  EXPECT_EQ(post(one("pause")).id(), id) << "twice is once";
  EXPECT_EQ(fetch().at("state"), "paused");
  EXPECT_EQ(fetch().at("nextTriggerAt"), nullptr);
  EXPECT_EQ(get("/integration/trigger/list").items().at(0).at("state"), "paused");

  EXPECT_EQ(post(one("invoke")).status, 200);
  EXPECT_EQ(fetch().at("nextTriggerAt"), nullptr) << "an invoke queues and resumes nothing";
  EXPECT_EQ(get("/event/inbox/list?state=queued").items().size(), 1U);
  post(one("update"), {{"schedule", "30 * * * *"}, {"state", "enabled"}});
  EXPECT_EQ(fetch().at("state"), "paused") << "an update does not resume";

  clock.advance(std::chrono::hours{5});
  EXPECT_EQ(post(one("resume")).id(), id);
  EXPECT_EQ(fetch().at("state"), "enabled");
  EXPECT_EQ(fetch().at("nextTriggerAt"), "2026-01-01T05:30:00.000Z") << "what was missed is not";
  EXPECT_EQ(post_as(other_account(), one("pause")).status, 403);
}

TEST_F(TriggerControlsTest, ARateLimitIsEventsAMinute) {
  EXPECT_EQ(fetch().at("rateLimit"), nullptr);
  EXPECT_EQ(post(one("update"), {{"rateLimit", 600}}).status, 200);
  EXPECT_EQ(fetch().at("rateLimit"), 600);
  EXPECT_EQ(post(one("update"), {{"rateLimit", 0}}).message(),
            "rateLimit must be an integer from 1 to 6000000");
  EXPECT_EQ(post(one("update"), {{"rateLimit", nullptr}}).status, 200);
  EXPECT_EQ(fetch().at("rateLimit"), nullptr);
}

TEST_F(TriggerControlsTest, StatsAreOfTheRunsOfATime) {
  const auto run_one = [&](std::int64_t delay_s, std::int64_t duration_s) {
    post(one("invoke"));
    const auto run = run_of(
        *EventId::parse(std::string{get("/event/inbox/list").items().at(0).at("id").as_string()}));
    clock.advance(std::chrono::seconds{delay_s});
    const auto claimed =
        await(store.claim({run, clock.now(), clock.now() + std::chrono::minutes{1}}));
    clock.advance(std::chrono::seconds{duration_s});
    ASSERT_TRUE(await(store.finish({.lease = claimed->lease, .now = clock.now()})));
  };
  run_one(1, 10);
  run_one(3, 20);
  post(one("invoke"));
  clock.advance(Duration{1});
  const Reply stats = get(one("stats"));
  EXPECT_EQ(stats.at("total"), 3);
  EXPECT_EQ(stats.at("exact"), true);
  EXPECT_EQ(stats.at("states").at("succeeded"), 2);
  EXPECT_EQ(stats.at("states").at("queued"), 1);
  EXPECT_EQ(stats.at("queueDelayMs"),
            (json::object{{"p50", 1'000}, {"p95", 3'000}, {"p99", 3'000}, {"max", 3'000}}));
  EXPECT_EQ(stats.at("runDurationMs").at("p50"), 10'000);
  EXPECT_EQ(stats.at("to"), "2026-01-01T00:00:34.001Z");

  const Reply earlier = get(one("stats?to=2026-01-01T00:00:00Z"));
  EXPECT_EQ(earlier.at("total"), 0);
  EXPECT_EQ(earlier.at("runDurationMs").at("p99"), nullptr);
  EXPECT_EQ(get(one("stats?from=2027-01-01")).message(), "from must be before to");
  EXPECT_EQ(get_as(other_account(), one("stats")).status, 403);
}

}  // namespace
}  // namespace bellpull
