// Calls whose outcome nobody knows, as the API shows them and takes what became of them.
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "domain/ids.h"
#include "domain/step.h"
#include "store/run_records.h"

namespace bellpull {
namespace {

using testing::HasSubstr;

// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): only GoogleTest destroys it
class ResolveCallTest : public ApiTest {
 protected:
  // An ended run of two calls, of which the first has an unknown outcome: its second step.
  ResolveCallTest() {
    post("/integration/trigger/" + trigger + "/invoke");
    event = get("/event/inbox/list").items().at(0).at("id").as_string();
    const RunId id = run_of(*EventId::parse(event));
    run = id.text();
    const auto claimed = await(store.claim(Claim{id, clock.now(), clock.now()}));
    FinishRun end{.lease = claimed->lease, .now = clock.now()};
    end.steps.push_back({.kind = StepKind::intent,
                         .content = R"({"call":"c1","name":"send","arguments":{"to":"Ann"}})"});
    end.steps.push_back(
        {.kind = StepKind::result,
         .content =
             R"({"intent":1,"result":{"error":"outcome_unknown"},"isError":true,"outcomeUnknown":true})",
         .messages = {},
         .action = {},
         .outcome_unknown = true});
    end.steps.push_back({.kind = StepKind::result, .content = R"({"intent":1,"result":"x"})"});
    EXPECT_TRUE(await(store.finish(std::move(end))));
    unknown = StepId{id, 2}.text();
    known = StepId{id, 3}.text();
  }
  std::string path(const std::string& step) const { return "/step/" + step + "/resolve"; }
  json::array log(std::string_view type) {
    return get("/event/log/list?type=" + std::string{type}).items();
  }

  std::string bot = post("/bot/create").id();
  std::string trigger = post("/integration/trigger/create", {{"name", "t"}, {"botId", bot}}).id();
  std::string event;
  std::string run;
  std::string unknown;
  std::string known;
};

TEST_F(ResolveCallTest, ARunSaysWhichOfItsCallsHaveAnUnknownOutcome) {
  for (const std::string& fetch : {"/run/" + run + "/fetch", "/event/inbox/" + event + "/fetch"}) {
    const Reply reply = get(fetch);
    EXPECT_EQ(reply.at("unknownOutcomes"), 1);
    const json::array calls = reply.at("unknownCalls").as_array();
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_EQ(calls[0].at("stepId"), json::value(unknown));
    EXPECT_EQ(calls[0].at("function"), "send");
    EXPECT_EQ(calls[0].at("arguments"), json::parse(R"({"to":"Ann"})"));
    EXPECT_TRUE(calls[0].at("resolution").is_null());
  }
  EXPECT_EQ(get("/event/inbox/list?unknownOutcomes=true").items().at(0).at("unknownOutcomes"), 1);
  EXPECT_TRUE(get("/event/inbox/list?unknownOutcomes=false").items().empty());
  const json::array entries = log("run.unknown_outcome");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].at("meta").at("stepId"), json::value(unknown));
  EXPECT_EQ(entries[0].at("meta").at("runId"), json::value(run));
}

TEST_F(ResolveCallTest, WhatAPersonFoundOutIsOneMoreStep) {
  const Reply reply =
      post(path(unknown),
           {{"outcome", "done"}, {"result", {{"order", 7}}}, {"note", "seen in the shop"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.text("resolves"), unknown);

  const json::array steps = get("/run/" + run + "/step/list").items();
  ASSERT_EQ(steps.size(), 4U);
  EXPECT_EQ(steps[1].at("data").at("result").at("error"), "outcome_unknown");
  EXPECT_EQ(steps[3].at("id"), json::value(reply.id()));
  EXPECT_EQ(steps[3].at("kind"), "resolved");
  const Reply fetched = get("/run/" + run + "/fetch");
  EXPECT_EQ(fetched.at("unknownOutcomes"), 0);
  const json::value resolution = fetched.at("unknownCalls").at(0).at("resolution");
  EXPECT_EQ(resolution.at("outcome"), "done");
  EXPECT_EQ(resolution.at("result").at("order"), 7);
  EXPECT_EQ(resolution.at("note"), "seen in the shop");
  EXPECT_TRUE(get("/event/inbox/list?unknownOutcomes=true").items().empty());
  const json::array entries = log("run.resolve");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].at("meta").at("outcome"), "done");
  EXPECT_TRUE(entries[0].at("meta").as_object().contains("tokenId"));
}

TEST_F(ResolveCallTest, ItIsSaidOnceAndOfSuchACallOnly) {
  EXPECT_EQ(post(path(known), {{"outcome", "done"}}).status, 409);
  EXPECT_EQ(post(path(unknown), {{"outcome", "not_done"}}).status, 200);
  const Reply otherwise = post(path(unknown), {{"outcome", "done"}});
  EXPECT_EQ(otherwise.status, 409);
  EXPECT_THAT(otherwise.message(), HasSubstr("was resolved as not_done before, which stays"));
  EXPECT_EQ(post(path(unknown), {{"outcome", "not_done"}, {"note", "no, wait"}}).status, 409);

  EXPECT_EQ(post(path("step_nothing"), {{"outcome", "done"}}).status, 404);
  EXPECT_EQ(post_as(other_account(), path(unknown), {{"outcome", "done"}}).status, 404);
}

TEST_F(ResolveCallTest, TheSameSaidAgainIsTheSameStep) {
  const json::object found{{"outcome", "done"}, {"result", {{"order", 7}, {"price", 1.5}}}};
  const Reply first = post(path(unknown), found);
  ASSERT_EQ(first.status, 200) << first.body;
  clock.advance(std::chrono::minutes{1});

  const Reply again = post(path(unknown), found);

  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.id(), first.id());
  EXPECT_EQ(get("/run/" + run + "/step/list").items().size(), 4U);
  EXPECT_EQ(log("run.resolve").size(), 1U);
}

TEST_F(ResolveCallTest, EverythingThatIsWrongIsTold) {
  const Reply refused =
      post(path(unknown), {{"outcome", "maybe"}, {"note", std::string(2'001, 'n')}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.message(), HasSubstr("outcome must be"));
  EXPECT_THAT(refused.message(), HasSubstr("note must be at most"));
  EXPECT_EQ(post(path(unknown)).status, 400);
}

TEST_F(ResolveCallTest, AReplayStartsAnew) {
  post(path(unknown), {{"outcome", "done"}});
  const std::string replay = post("/event/inbox/" + event + "/replay").text("runId");
  const Reply fetched = get("/run/" + replay + "/fetch");
  EXPECT_EQ(fetched.at("unknownOutcomes"), 0);
  EXPECT_TRUE(fetched.at("unknownCalls").as_array().empty());
  EXPECT_EQ(fetched.at("steps"), 0);
}

}  // namespace
}  // namespace bellpull
