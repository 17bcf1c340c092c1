#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <thread>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "base/result.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "store/bulk_jobs.h"
#include "store/run_records.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

class BulkTest : public ApiTest {
 protected:
  std::string bot = post("/bot/create").id();
  std::string trigger = post("/integration/trigger/create", {{"name", "t"}, {"botId", bot}}).id();

  std::string add(std::string_view body) {
    const auto added = await(store.transact([&](Transaction& rows) -> Result<EventId> {
      return rows.runs().add({.trigger = TriggerId::parse(trigger)->key,
                              .account = AccountKey{1},
                              .received_at = clock.now(),
                              .headers = "{}",
                              .body = body});
    }));
    return added->text();
  }
  void finish(const std::string& event, RunState state) {
    const auto claimed = await(store.claim(
        {run_of(*EventId::parse(event)), clock.now(), clock.now() + std::chrono::minutes{1}}));
    ASSERT_TRUE(await(store.finish({.lease = claimed->lease, .now = clock.now(), .state = state})));
  }
  Reply bulk(const std::string& action, const json::object& body) {
    return post("/event/inbox/bulk/" + action, body);
  }
  // The job when it has ended.
  Reply wait_for(const std::string& job) {
    Reply reply = get("/job/" + job + "/fetch");
    while (reply.at("state") == "running") {
      std::this_thread::yield();
      reply = get("/job/" + job + "/fetch");
    }
    return reply;
  }
  std::int64_t count(const std::string& query) {
    return get("/event/inbox/count?" + query).at("count").as_int64();
  }
};

TEST_F(BulkTest, ReplaysWhatTheFilterMeantWhenItWasAskedFor) {
  for (int i = 0; i < 60; ++i) finish(add("dead"), RunState::dead);
  const std::string large = add(std::string(20'000, 'x'));
  finish(large, RunState::dead);
  finish(add("fine"), RunState::succeeded);
  const Reply job = bulk("replay", {{"filter", json::object{{"state", "dead"}}}});
  ASSERT_EQ(job.status, 200) << job.body;
  EXPECT_EQ(job.at("action"), "replay");
  EXPECT_EQ(job.at("filter"), (json::object{{"state", "dead"}}));

  const Reply ended = wait_for(job.id());
  EXPECT_EQ(ended.at("state"), "done");
  EXPECT_EQ(ended.at("done"), 61);
  EXPECT_EQ(ended.at("skipped"), 0);
  EXPECT_EQ(ended.at("progress"), 1.0);
  EXPECT_EQ(ended.at("endedAt"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(count("source=replay"), 61) << "and not the replays once more";
  const json::array replays = get("/event/inbox/" + large + "/fetch").at("replays").as_array();
  ASSERT_EQ(replays.size(), 1U);
  const std::string again{replays[0].as_string()};
  EXPECT_EQ(get("/event/inbox/" + again + "/fetch").at("bodySize"), 20'000);
}

TEST_F(BulkTest, ADryRunDoesNothingAndNamesTheSetThatAJobThenMeans) {
  const std::string first = add("one");
  const std::string second = add("two");
  const Reply dry =
      bulk("cancel", {{"filter", json::object{{"triggerId", trigger}}}, {"dryRun", true}});
  ASSERT_EQ(dry.status, 200) << dry.body;
  EXPECT_EQ(dry.at("count"), 2);
  EXPECT_EQ(dry.at("exact"), true);
  EXPECT_EQ(dry.at("until"), second.c_str());
  EXPECT_EQ(dry.at("states").at("queued"), 2);
  EXPECT_EQ(dry.at("samples").as_array().at(0).at("id"), second.c_str());
  EXPECT_TRUE(get("/job/list").items().empty());

  const std::string later = add("three");
  const Reply job = bulk(
      "cancel", {{"filter", json::object{{"triggerId", trigger}}}, {"until", dry.at("until")}});
  EXPECT_EQ(wait_for(job.id()).at("done"), 2);
  EXPECT_EQ(get("/event/inbox/" + first + "/fetch").at("reason"), "canceled by a job");
  EXPECT_EQ(get("/event/inbox/" + later + "/fetch").at("state"), "queued");
  EXPECT_EQ(get("/job/list").items().at(0).at("id"), job.id().c_str());
}

TEST_F(BulkTest, BodiesAreDeletedOnceTheirRunsHaveEnded) {
  const std::string ended = add("secret");
  finish(ended, RunState::succeeded);
  const std::string pending = add("secret too");
  const Reply job = wait_for(bulk("delete-body", {{"filter", json::object{{"q", "SECRET"}}}}).id());
  EXPECT_EQ(job.at("done"), 1);
  EXPECT_EQ(job.at("skipped"), 1);
  EXPECT_EQ(get("/event/inbox/" + ended + "/fetch").at("body"), "");
  EXPECT_EQ(get("/event/inbox/" + pending + "/fetch").at("body"), "secret too");
}

TEST_F(BulkTest, WhatCanNotBeReplayedIsSkipped) {
  finish(add("x"), RunState::dead);
  post("/integration/trigger/" + trigger + "/delete");
  const Reply job = wait_for(bulk("replay", {{"filter", json::object{}}}).id());
  EXPECT_EQ(job.at("done"), 0);
  EXPECT_EQ(job.at("skipped"), 1);
}

TEST_F(BulkTest, AFilterIsNeverGuessedAt) {
  EXPECT_EQ(bulk("replay", {}).message(), "filter is required, as an object");
  const Reply refused = bulk("replay", {{"filter", json::object{{"stat", "dead"}, {"from", "x"}}},
                                        {"until", 7.5},
                                        {"dryRun", "yes"}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.message(),
            "filter has no \"stat\"; from must be a time: milliseconds since 1970, or ISO 8601 "
            "text; until must be an event's id, or a time: milliseconds since 1970, or ISO 8601 "
            "text; dryRun must be true or false");
  EXPECT_NE(refused.text("hint").find("did you mean \"state\"?"), std::string::npos);
  EXPECT_EQ(bulk("replay", {{"filter", json::object{{"state", json::array{"dead", 7}}}}}).message(),
            "filter.state must be a text or a list of them");
}

TEST_F(BulkTest, UntilMayBeATime) {
  add("before");
  clock.advance(std::chrono::minutes{1});
  add("after");
  const Reply job = bulk("cancel", {{"filter", json::object{}}, {"until", "2026-01-01T00:00:30Z"}});
  EXPECT_EQ(wait_for(job.id()).at("done"), 1);
}

TEST_F(BulkTest, AJobIsCanceledOnceAndIsItsAccountsOnly) {
  add("x");
  const std::string job = wait_for(bulk("cancel", {{"filter", json::object{}}}).id()).id();
  const Reply again = post("/job/" + job + "/cancel");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.message(), "The job has ended already");
  const std::string stranger = other_account();
  EXPECT_EQ(get_as(stranger, "/job/" + job + "/fetch").status, 404);
  EXPECT_EQ(post_as(stranger, "/job/" + job + "/cancel").status, 404);
  EXPECT_TRUE(get_as(stranger, "/job/list").items().empty());
}

// In the store, where nothing works on it between the two.
TEST_F(BulkTest, WhatACanceledJobHasNotDoneStaysUndone) {
  const std::string event = add("x");
  const auto canceled = await(store.transact([&](Transaction& rows) -> Result<BulkJobId> {
    BulkJob job{.account = AccountKey{1}, .action = BulkAction::cancel};
    job.selection.search.until = *EventId::parse(event);
    if (auto added = rows.bulk_jobs().add(job); !added) return std::unexpected(added.error());
    EXPECT_TRUE(rows.bulk_jobs().cancel(job.id, clock.now()));
    return job.id;
  }));
  ASSERT_TRUE(canceled);
  const Reply other = wait_for(bulk("replay", {{"filter", json::object{}}}).id());
  EXPECT_EQ(other.at("done"), 1) << "a later job of the account has run";
  EXPECT_EQ(get("/job/" + canceled->text() + "/fetch").at("state"), "canceled");
  EXPECT_EQ(get("/event/inbox/" + event + "/fetch").at("state"), "queued");
}

TEST_F(BulkTest, AnAccountHasABoundedNumberOfJobsRunning) {
  const auto refused = await(store.transact([&](Transaction& rows) -> Result<void> {
    for (int i = 0; i < 20; ++i) {
      BulkJob job{.account = AccountKey{1}};
      if (auto added = rows.bulk_jobs().add(job); !added) return added;
    }
    return {};
  }));
  EXPECT_EQ(refused.error().message, "10 jobs are running already");
}

}  // namespace
}  // namespace bellpull
