#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "base/result.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/step.h"
#include "store/accept.h"
#include "store/run_records.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

class InboxTest : public ApiTest {
 protected:
  std::string bot = post("/bot/create").id();
  std::string trigger = post("/integration/trigger/create", {{"name", "t"}, {"botId", bot}}).id();

  NewEvent event_of(std::string_view body) {
    const TriggerId id = *TriggerId::parse(trigger);
    return {.trigger = id.key,
            .account = AccountKey{1},
            .received_at = clock.now(),
            .method = "POST",
            .content_type = "application/json",
            .headers = R"({"user-agent":"curl"})",
            .body = body};
  }
  std::string add(const NewEvent& event) {
    const auto added = await(store.transact(
        [&](Transaction& rows) -> Result<EventId> { return rows.runs().add(event); }));
    return added->text();
  }
  std::string add(std::string_view body) { return add(event_of(body)); }

  ClaimedRun claim(const std::string& event) {
    const Claim claim{run_of(*EventId::parse(event)), clock.now(),
                      clock.now() + std::chrono::minutes{1}};
    return *await(store.claim(claim));
  }
  void finish(const std::string& event, FinishRun end) {
    end.lease = claim(event).lease;
    end.now = clock.now();
    ASSERT_TRUE(await(store.finish(std::move(end))));
  }

  // The ids of a list, newest first.
  std::vector<std::string> listed(const std::string& query) {
    std::vector<std::string> ids;
    const Reply reply = get("/event/inbox/list?" + query);
    EXPECT_EQ(reply.status, 200) << reply.body;
    for (const json::value& item : reply.items()) ids.emplace_back(item.at("id").as_string());
    const Reply count = get("/event/inbox/count?" + query);
    EXPECT_EQ(count.at("count"), static_cast<std::int64_t>(ids.size())) << query;
    EXPECT_EQ(count.at("exact"), true);
    return ids;
  }
  using Ids = std::vector<std::string>;
  std::string path(const std::string& event) { return "/event/inbox/" + event; }
};

TEST_F(InboxTest, IsSearchedByTextInsideBodiesAndByValuesInJson) {
  const std::string order = add(R"({"order":{"id":12345,"items":[{"sku":"a"},{"sku":"Lamp"}]}})");
  const std::string rush = add(R"({"order":{"id":7,"rush":true,"total":1.50}})");
  const std::string large = add(std::string(20'000, 'x') + " NEEDLE");
  EXPECT_EQ(listed("q=lamp"), Ids{order}) << "letter case does not count";
  EXPECT_EQ(listed("q=needle"), Ids{large}) << "bodies over 8 KiB are kept apart";
  EXPECT_EQ(listed("q=curl").size(), 3U) << "headers are searched too";
  EXPECT_EQ(listed("body.order.id=12345"), Ids{order});
  EXPECT_EQ(listed("body.order.items[].sku=Lamp"), Ids{order});
  EXPECT_EQ(listed("body.order.items[].sku=lamp"), Ids{}) << "a value is compared as it is";
  EXPECT_EQ(listed("body.order.rush=true&body.order.total=1.5"), Ids{rush});
  EXPECT_EQ(listed("body.order=7"), Ids{});
}

TEST_F(InboxTest, IsFilteredByWhatWasKept) {
  NewEvent first = event_of("one");
  const SessionKey session = SessionKey::named("s 1");
  first.session = session.text();
  first.contact_name = "Ann Lee";
  first.contact_email = "ann@example.com";
  const std::string ann = add(first);
  post("/integration/trigger/" + trigger + "/invoke");
  const std::string invoked = listed("source=invoke").at(0);
  EXPECT_EQ(listed("session=s+1"), Ids{ann});
  EXPECT_EQ(listed("session=invoke"), Ids{invoked});
  EXPECT_EQ(listed("contact=ANN@"), Ids{ann});
  EXPECT_EQ(listed("contact=100%25"), Ids{}) << "no sign is a wildcard";
  EXPECT_EQ(listed("hasConversation=true"), Ids{});
  finish(ann, {.state = RunState::dead, .reason = "provider", .error_message = "HTTP 500 of x"});
  EXPECT_EQ(listed("error=http+500"), Ids{ann});
  EXPECT_EQ(listed("reason=prov&state=dead"), Ids{ann});
  EXPECT_EQ(listed("minAttempts=1"), Ids{ann});
}

TEST_F(InboxTest, IsFilteredByTheTimeOfReceipt) {
  const std::string old = add("old");
  clock.advance(std::chrono::hours{48});
  const std::string late = add("new");
  EXPECT_EQ(listed("from=2026-01-02T00:00:00Z"), Ids{late});
  EXPECT_EQ(listed("to=2026-01-02"), Ids{old});
  EXPECT_EQ(listed("from=1767225600000&to=1767225600001"), Ids{old}) << "`to` is not included";
  EXPECT_EQ(listed("until=" + old), Ids{old});
}

TEST_F(InboxTest, ToldOfEverythingThatIsWrongWithASearch) {
  const Reply refused = get("/event/inbox/list?from=soon&minAttempts=x&hasConversation=1&until=7");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.message(),
            "from must be a time: milliseconds since 1970, or ISO 8601 text; minAttempts must be "
            "an integer from 0 to 1000000; hasConversation must be true or false; until must be "
            "an event's id");
  EXPECT_EQ(get("/event/inbox/count?from=2&to=1").message(), "from must be before to");
}

TEST_F(InboxTest, AListSaysWhatAnEventIsAbout) {
  add(R"({"id":1,"type":"order.created"})");
  EXPECT_EQ(get("/event/inbox/list").items().at(0).at("summary"), "order.created");
  add("Help!\nThe " + std::string(200, 'x'));
  EXPECT_EQ(get("/event/inbox/list").items().at(0).at("summary"),
            json::value("Help! The " + std::string(70, 'x')));
}

TEST_F(InboxTest, ABodyIsAFileToSaveAndNoPage) {
  NewEvent event = event_of("<script>alert(1)</script>");
  event.content_type = "text/html; charset=utf-8";
  const std::string id = add(event);
  const Reply body = get(path(id) + "/body");
  EXPECT_EQ(body.body, "<script>alert(1)</script>");
  EXPECT_EQ(body.header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(body.header("content-disposition"), "attachment; filename=\"" + id + "\"");
  EXPECT_EQ(body.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(body.header("content-security-policy"), "default-src 'none'; sandbox");

  event.content_type = "whatever it is";
  EXPECT_EQ(get(path(add(event)) + "/body").header("content-type"), "application/octet-stream");
  EXPECT_EQ(get_as(other_account(), path(id) + "/body").status, 404);
}

TEST_F(InboxTest, AttemptsAreListedWithWhyTheyFailed) {
  const std::string event = add("x");
  EXPECT_TRUE(get(path(event) + "/attempt/list").items().empty());
  FinishRun failed{.state = RunState::retrying, .error_message = "HTTP 500"};
  failed.due_at = clock.now() + std::chrono::seconds{10};
  failed.steps.push_back(
      {.kind = StepKind::note, .content = R"({"note":"attempt_failed","text":"HTTP 500"})"});
  finish(event, std::move(failed));
  const json::value first = get(path(event) + "/attempt/list").items().at(0);
  EXPECT_EQ(first.at("outcome"), "retrying");
  EXPECT_EQ(first.at("nextAttemptAt"), "2026-01-01T00:00:10.000Z");

  clock.advance(std::chrono::seconds{10});
  claim(event);
  const json::array attempts = get(path(event) + "/attempt/list").items();
  ASSERT_EQ(attempts.size(), 2U);
  EXPECT_EQ(attempts[0].at("outcome"), "failed");
  EXPECT_EQ(attempts[0].at("error"), "HTTP 500");
  EXPECT_EQ(attempts[0].at("startedAt"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(attempts[1].at("number"), 2) << "one that left no step is named too";
  EXPECT_EQ(attempts[1].at("outcome"), "running");
  EXPECT_EQ(get(path(event) + "/attempt/list?order=desc&take=1").items().at(0).at("number"), 2);
}

TEST_F(InboxTest, ARetryingRunIsRetriedAtOnceAndNoOther) {
  const std::string event = add("x");
  EXPECT_EQ(post(path(event) + "/retry").message(),
            "The run is queued: only one between two attempts can be retried");
  FinishRun failed{.state = RunState::retrying};
  failed.due_at = clock.now() + std::chrono::hours{1};
  finish(event, std::move(failed));
  EXPECT_EQ(post(path(event) + "/retry").id(), event);
  const std::string run = run_of(*EventId::parse(event)).text();
  EXPECT_EQ(get("/run/" + run + "/fetch").at("nextAttemptAt"), "2026-01-01T00:00:00.000Z");

  finish(event, {.state = RunState::dead});
  const Reply ended = post(path(event) + "/retry");
  EXPECT_EQ(ended.status, 409);
  EXPECT_EQ(ended.message(), "The run has ended already");
  EXPECT_EQ(ended.text("hint"), "replay the event: POST /api/v1/event/inbox/" + event + "/replay");
  EXPECT_EQ(post_as(other_account(), path(event) + "/retry").status, 404);
}

TEST_F(InboxTest, AReplayIsANewEventOfTheSameContentAndSession) {
  NewEvent event = event_of("body");
  const SessionKey session = SessionKey::named("s");
  event.session = session.text();
  event.idempotency_key = "once";
  event.contact_email = "ann@example.com";
  const std::string original = add(event);
  finish(original, {.state = RunState::dead});
  const std::string before = get(path(original) + "/fetch").body;

  clock.advance(std::chrono::minutes{1});
  const Reply replayed = post(path(original) + "/replay");
  ASSERT_EQ(replayed.status, 200) << replayed.body;
  EXPECT_EQ(replayed.at("replayOf"), original.c_str());
  const Reply fetched = get(path(replayed.id()) + "/fetch");
  EXPECT_EQ(fetched.at("source"), "replay");
  EXPECT_EQ(fetched.at("replayOf"), original.c_str());
  EXPECT_EQ(fetched.at("state"), "queued");
  EXPECT_EQ(fetched.at("body"), "body");
  EXPECT_EQ(fetched.at("session"), "s");
  EXPECT_EQ(fetched.at("contact").at("email"), "ann@example.com");
  EXPECT_EQ(fetched.at("headers"), (json::object{{"user-agent", "curl"}}));
  EXPECT_EQ(fetched.at("receivedAt"), "2026-01-01T00:01:00.000Z");
  EXPECT_EQ(fetched.at("idempotencyKey"), nullptr);

  const Reply after = get(path(original) + "/fetch");
  EXPECT_EQ(after.at("replays"), (json::array{replayed.id()}));
  json::object unchanged = after.object();
  unchanged["replays"] = json::array{};
  EXPECT_EQ(unchanged, json::parse(before)) << "the original is as it was";
}

TEST_F(InboxTest, AReplayTakesEdits) {
  const std::string original = add("{}");
  const Reply replayed =
      post(path(original) + "/replay",
           {{"body", json::object{{"n", 1}}},
            {"headers", json::object{{"User-Agent", nullptr}, {"x-event-type", "order"}}}});
  ASSERT_EQ(replayed.status, 200) << replayed.body;
  const Reply fetched = get(path(replayed.id()) + "/fetch");
  EXPECT_EQ(fetched.at("body"), R"({"n":1})");
  EXPECT_EQ(fetched.at("headers"), (json::object{{"x-event-type", "order"}}));
  EXPECT_EQ(get(path(original) + "/fetch").at("body"), "{}");

  const Reply refused = post(path(original) + "/replay",
                             {{"body", 7}, {"headers", json::object{{"authorization", "x"}}}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.message(),
            "body must be a text, or an object or list that is sent as JSON; "
            "headers.authorization is not kept with an event");
  EXPECT_EQ(post(path(original) + "/replay", {{"body", std::string(1'048'577, 'x')}}).status, 413);
}

TEST_F(InboxTest, NothingIsReplayedThatHasNoTriggerOrBodyAnyMore) {
  const std::string event = add("secret");
  finish(event, {.state = RunState::succeeded});
  ASSERT_TRUE(await(store.transact([&](Transaction& rows) -> Result<bool> {
    return rows.runs().remove_body(*EventId::parse(event), clock.now());
  })));
  EXPECT_EQ(post(path(event) + "/replay").message(), "The body was removed");
  EXPECT_EQ(get(path(event) + "/body").status, 404);
  EXPECT_EQ(get(path(event) + "/fetch").at("bodyRemovedAt"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(post(path(event) + "/replay", {{"body", "again"}}).status, 200);
  post("/integration/trigger/" + trigger + "/delete");
  EXPECT_EQ(post(path(event) + "/replay", {{"body", "again"}}).message(),
            "The trigger was deleted");
  EXPECT_EQ(post_as(other_account(), path(event) + "/replay").status, 404);
}

TEST_F(InboxTest, AConversationsRunsAndAStepAreRead) {
  const std::string event = add("x");
  const ClaimedRun claimed = claim(event);
  OpenRun open{.lease = claimed.lease, .now = clock.now()};
  open.trigger = *TriggerId::parse(trigger);
  open.bot = *BotId::parse(bot);
  open.step = {.kind = StepKind::opened, .content = R"({"a":1})"};
  const auto opened = await(store.open(open));
  ASSERT_TRUE(opened);
  add("y");
  const std::string conversation = opened->conversation.text();
  const json::array runs = get("/conversation/" + conversation + "/run/list").items();
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].at("eventId"), event.c_str());
  EXPECT_EQ(listed("conversationId=" + conversation), Ids{event});
  EXPECT_EQ(listed("botId=" + bot), Ids{event});
  EXPECT_EQ(listed("hasConversation=true"), Ids{event});

  const std::string run{runs[0].at("id").as_string()};
  const json::value step = get("/run/" + run + "/step/list").items().at(0);
  const std::string step_id{step.at("id").as_string()};
  EXPECT_EQ(get("/step/" + step_id + "/fetch").object(), step);
  EXPECT_EQ(get("/step/step_zz/fetch").status, 404);
  const std::string stranger = other_account();
  EXPECT_EQ(get_as(stranger, "/step/" + step_id + "/fetch").status, 404);
  EXPECT_EQ(get_as(stranger, "/conversation/" + conversation + "/run/list").status, 403);
}

}  // namespace
}  // namespace bellpull
