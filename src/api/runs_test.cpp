#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <utility>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/step.h"
#include "store/run_records.h"

namespace bellpull {
namespace {

class RunsTest : public ApiTest {
 protected:
  std::string bot = post("/bot/create").id();
  std::string trigger = post("/integration/trigger/create", {{"name", "t"}, {"botId", bot}}).id();

  // An event by hand, and its id.
  std::string invoke() {
    post("/integration/trigger/" + trigger + "/invoke");
    return std::string{get("/event/inbox/list").items().at(0).at("id").as_string()};
  }
  static std::string run_id_of(const std::string& event) {
    return run_of(*EventId::parse(event)).text();
  }
  // Ends the run as its worker would.
  void finish(const std::string& event, RunState state = RunState::succeeded) {
    const auto run = run_of(*EventId::parse(event));
    const Claim claim{run, clock.now(), clock.now() + std::chrono::minutes{1}};
    const auto claimed = await(store.claim(claim));
    ASSERT_TRUE(claimed);
    FinishRun end{.lease = claimed->lease, .now = clock.now(), .state = state};
    end.steps.push_back({.kind = StepKind::settled, .content = R"({"outcome":"succeeded"})"});
    ASSERT_TRUE(await(store.finish(std::move(end))));
  }
};

TEST_F(RunsTest, AnEventIsListedAndFetchedWithWhatBecameOfIt) {
  const std::string event = invoke();
  const std::string run = run_id_of(event);
  const Reply fetched = get("/event/inbox/" + event + "/fetch");
  EXPECT_EQ(
      fetched.body,
      R"({"id":")" + event + R"(","triggerId":")" + trigger +
          R"(","source":"invoke","state":"queued","receivedAt":"2026-01-01T00:00:00.000Z",)"
          R"("scheduledAt":null,"replayOf":null,"method":"POST","contentType":"application/json","query":"","headers":{},)"
          R"("session":"invoke","contact":{"name":null,"email":null,"phone":null},)"
          R"("bodySize":44,"bodyRemovedAt":null,"idempotencyKey":null,"runId":")" +
          run +
          R"(","conversationId":null,"attempt":0,"startedAt":null,"endedAt":null,)"
          R"("reason":null,"error":null,"unknownOutcomes":0,"replays":[],"unknownCalls":[],)"
          R"("body":"{\"type\":\"invoke\",\"reason\":\"invoked by hand\"}"})");
  EXPECT_EQ(get("/event/inbox/list").items().at(0).as_object().if_contains("body"), nullptr);
}

TEST_F(RunsTest, ARunIsFetchedWithItsCounts) {
  const std::string event = invoke();
  finish(event);
  const std::string run = run_id_of(event);
  EXPECT_EQ(get("/run/" + run + "/fetch").body,
            R"({"id":")" + run + R"(","eventId":")" + event + R"(","triggerId":")" + trigger +
                R"(","conversationId":null,"state":"succeeded","attempt":1,)"
                R"("queuedAt":"2026-01-01T00:00:00.000Z","startedAt":"2026-01-01T00:00:00.000Z",)"
                R"("endedAt":"2026-01-01T00:00:00.000Z","nextAttemptAt":null,"reason":null,)"
                R"("error":null,"steps":1,"modelCalls":0,"actionCalls":0,"unknownOutcomes":0,)"
                R"("inputTokens":0,"outputTokens":0,"costMicros":0,"unknownCalls":[]})");

  const json::array steps = get("/run/" + run + "/step/list").items();
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].at("runId"), run.c_str());
  EXPECT_EQ(steps[0].at("number"), 1);
  EXPECT_EQ(steps[0].at("kind"), "settled");
  EXPECT_EQ(steps[0].at("data"), (json::object{{"outcome", "succeeded"}}));
}

TEST_F(RunsTest, EventsAreFilteredByTriggerAndState) {
  const std::string ended = invoke();
  finish(ended);
  invoke();
  EXPECT_EQ(get("/event/inbox/list?state=succeeded").items().at(0).at("id"), ended.c_str());
  EXPECT_EQ(get("/event/inbox/list?state=queued,succeeded").items().size(), 2U);
  EXPECT_EQ(get("/event/inbox/list?triggerId=" + trigger).items().size(), 2U);
  EXPECT_TRUE(get("/event/inbox/list?triggerId=trigger_x").items().empty());
  EXPECT_EQ(get("/event/inbox/list?state=succeded").text("hint"), "did you mean \"succeeded\"?");
}

TEST_F(RunsTest, WhatHasNoMetaIsNotFilteredByIt) {
  const std::string event = invoke();
  const std::string steps = "/run/" + run_id_of(event) + "/step/list";
  for (const std::string& list : {std::string{"/event/inbox/list"}, steps}) {
    const Reply refused = get(list + "?meta.color=red");
    EXPECT_EQ(refused.status, 400) << list;
    EXPECT_EQ(refused.message(), "this list cannot be filtered by meta");
    EXPECT_EQ(get(list + "?meta.color=").status, 200) << "an empty value is no filter";
  }
}

TEST_F(RunsTest, DeadLettersAreFilteredByTriggerToo) {
  const std::string event = invoke();
  finish(event, RunState::dead);
  finish(invoke());
  EXPECT_EQ(get("/event/inbox/list?state=dead").items().at(0).at("id"), event.c_str());
  EXPECT_EQ(get("/event/inbox/list?state=dead&triggerId=" + trigger).items().size(), 1U);
  EXPECT_TRUE(get("/event/inbox/list?state=dead&triggerId=trigger_x").items().empty());
  EXPECT_EQ(get("/event/inbox/list?state=dead,succeeded").items().size(), 2U);
  EXPECT_TRUE(get_as(other_account(), "/event/inbox/list?state=dead").items().empty());
}

TEST_F(RunsTest, AnothersEventIsNotFound) {
  const std::string event = invoke();
  const std::string stranger = other_account();
  EXPECT_EQ(get_as(stranger, "/event/inbox/" + event + "/fetch").status, 404);
  EXPECT_EQ(get_as(stranger, "/run/" + run_id_of(event) + "/fetch").status, 404);
  EXPECT_EQ(get_as(stranger, "/run/" + run_id_of(event) + "/step/list").status, 404);
  EXPECT_EQ(post_as(stranger, "/run/" + run_id_of(event) + "/cancel").status, 404);
  EXPECT_EQ(get("/event/inbox/event_zzz/fetch").status, 404);
  EXPECT_TRUE(get_as(stranger, "/event/inbox/list").items().empty());
}

TEST_F(RunsTest, APendingRunIsCanceledOnce) {
  const std::string event = invoke();
  EXPECT_EQ(post("/event/inbox/" + event + "/cancel").id(), event);
  EXPECT_EQ(get("/event/inbox/" + event + "/fetch").at("state"), "canceled");
  EXPECT_EQ(get("/event/inbox/" + event + "/fetch").at("reason"), "canceled by hand");
  const Reply again = post("/run/" + run_id_of(event) + "/cancel");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.message(), "The run has ended already");
}

TEST_F(RunsTest, AWaitEndsWithTheRun) {
  const std::string event = invoke();
  auto waiting = std::async(std::launch::async,
                            [&] { return get("/event/inbox/" + event + "/fetch?wait=30"); });
  while (api.run_watch().size() == 0) std::this_thread::yield();
  finish(event);
  EXPECT_EQ(waiting.get().at("state"), "succeeded");
  EXPECT_EQ(api.run_watch().size(), 0U);
}

TEST_F(RunsTest, AWaitOfARevokedTokenIsRefusedAtItsEnd) {
  const std::string event = invoke();
  const Reply reader = post("/token/create", {{"scopes", {"read"}}});
  auto waiting = std::async(std::launch::async, [&] {
    return get_as(reader.text("token"), "/event/inbox/" + event + "/fetch?wait=30");
  });
  while (api.run_watch().size() == 0) std::this_thread::yield();
  EXPECT_EQ(post("/token/" + reader.id() + "/delete").status, 200);
  finish(event);
  EXPECT_EQ(waiting.get().status, 401);
}

TEST_F(RunsTest, AWaitForAnEndedRunIsNoWait) {
  const std::string event = invoke();
  finish(event);
  EXPECT_EQ(get("/run/" + run_id_of(event) + "/fetch?wait=30").at("state"), "succeeded");
}

TEST_F(RunsTest, AWaitIsCutShortWhenTheServerStops) {
  const std::string event = invoke();
  auto waiting = std::async(std::launch::async,
                            [&] { return get("/event/inbox/" + event + "/fetch?wait=30"); });
  while (api.run_watch().size() == 0) std::this_thread::yield();
  api.run_watch().close();
  EXPECT_EQ(waiting.get().at("state"), "queued");
  EXPECT_EQ(get("/event/inbox/" + event + "/fetch?wait=30").at("state"), "queued");
}

TEST_F(RunsTest, AWaitThatRunsOutAnswersWithWhatThereIs) {
  const std::string event = invoke();
  EXPECT_EQ(get("/event/inbox/" + event + "/fetch?wait=1").at("state"), "queued");
  EXPECT_EQ(get("/event/inbox/" + event + "/fetch?wait=soon").status, 400);
  EXPECT_EQ(get("/event/inbox/" + event + "/fetch?wait=-1").status, 400);
}

TEST_F(RunsTest, TheEventsOfADeletedTriggerKeepItsName) {
  const std::string event = invoke();
  finish(event);
  post("/integration/trigger/" + trigger + "/delete");
  EXPECT_EQ(get("/event/inbox/" + event + "/fetch").at("triggerId"), trigger.c_str());
}

}  // namespace
}  // namespace bellpull
