#include "api/schedule_preview.h"

#include <chrono>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class SchedulePreviewTest : public ApiTest {
 protected:
  Reply preview(const json::object& body) {
    return post("/integration/trigger/schedule/preview", body);
  }
  // The instants, to the minute, in one line.
  std::string times(const Reply& reply) {
    std::string line;
    const json::value fires = reply.at("fires");
    for (const auto& fire : fires.as_array()) {
      line += std::string{fire.at("at").as_string()}.substr(0, 16) + " ";
    }
    return line;
  }
  std::string trigger_with(const json::object& more) {
    json::object body{{"name", "t"}, {"botId", post("/bot/create").id()}};
    for (const auto& [name, value] : more) body[name] = value;
    return post("/integration/trigger/create", body).id();
  }
};

TEST_F(SchedulePreviewTest, SaysInWordsAndTimesWhatAScheduleDoes) {
  const Reply reply =
      preview({{"schedule", "0 9 * * mon-fri"}, {"timezone", "Europe/Paris"}, {"count", 2}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.text("phrase"), "Every weekday at 09:00, Europe/Paris");
  EXPECT_EQ(json::serialize(reply.at("fires")),
            R"([{"at":"2026-01-01T08:00:00.000Z","firesAt":"2026-01-01T08:00:00.000Z",)"
            R"("local":"2026-01-01T09:00:00","offset":"+01:00"},)"
            R"({"at":"2026-01-02T08:00:00.000Z","firesAt":"2026-01-02T08:00:00.000Z",)"
            R"("local":"2026-01-02T09:00:00","offset":"+01:00"}])");
  EXPECT_EQ(reply.at("state"), "active");
  EXPECT_EQ(reply.at("anchor"), nullptr);
  EXPECT_EQ(reply.at("note"), nullptr);
  EXPECT_EQ(reply.at("error"), nullptr);
}

TEST_F(SchedulePreviewTest, FiveTimesAreUsualAndAHundredTheMost) {
  EXPECT_EQ(preview({{"schedule", "hourly"}}).at("fires").as_array().size(), 5U);
  EXPECT_EQ(preview({{"schedule", "* * * * * *"}, {"count", 100}}).at("fires").as_array().size(),
            100U);
  EXPECT_EQ(preview({{"schedule", "hourly"}, {"count", 101}}).message(),
            "count must be an integer from 1 to 100");
  EXPECT_EQ(preview({{"schedule", "hourly"}, {"count", 0}}).status, 400);
}

TEST_F(SchedulePreviewTest, ProblemsAreToldWithTheirPlacesInCharacters) {
  const Reply reply = preview({{"schedule", "0 25 ö 13 *"}, {"timezone", "Europe/Pariss"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.at("phrase"), nullptr);
  EXPECT_TRUE(reply.at("fires").as_array().empty());
  EXPECT_EQ(json::serialize(reply.at("error")),
            R"({"field":"schedule","position":2,"length":2,)"
            R"("message":"hour 25 is out of range 0-23","hint":null})");
  const json::array problems = reply.at("problems").as_array();
  ASSERT_EQ(problems.size(), 4U);
  EXPECT_EQ(problems[1].at("length"), 1) << "one character of two bytes";
  EXPECT_EQ(problems[2].at("position"), 7);
  EXPECT_EQ(problems[3].at("field"), "timezone");
  EXPECT_EQ(problems[3].at("length"), 13);
  EXPECT_EQ(problems[3].at("hint"), "did you mean Europe/Paris?");
}

TEST_F(SchedulePreviewTest, PositionsCountTheBlanksBeforeTheSchedule) {
  EXPECT_EQ(preview({{"schedule", "  0 25 * * *"}}).at("error").at("position"), 4);
}

TEST_F(SchedulePreviewTest, ANoteTellsOfClocksThatChange) {
  const Reply reply = preview({{"schedule", "30 2 * * *"},
                               {"timezone", "Europe/Berlin"},
                               {"from", "2026-03-28T00:00Z"},
                               {"count", 2}});
  EXPECT_EQ(times(reply), "2026-03-28T01:30 2026-03-29T01:00 ");
  EXPECT_EQ(reply.text("note"), "The clocks go forward on 29 March 2026, from +01:00 to +02:00");
}

TEST_F(SchedulePreviewTest, WhatDoesNotRunAgainSaysSo) {
  const Reply past = preview({{"schedule", "2020-01-01"}});
  EXPECT_TRUE(past.at("fires").as_array().empty());
  EXPECT_EQ(past.text("note"), "Its time is past: it does not run again");
  for (const json::value& none : {json::value(nullptr), json::value(""), json::value("never")}) {
    const Reply reply = preview({{"schedule", none}});
    EXPECT_EQ(reply.text("phrase"), "Never by itself");
    EXPECT_EQ(reply.at("note"), nullptr);
  }
}

TEST_F(SchedulePreviewTest, AnIntervalCountsFromWhenTheTriggersScheduleWasSet) {
  const std::string id = trigger_with({{"schedule", "hourly"}, {"timezone", "Europe/Oslo"}});
  clock.advance(90min);
  const Reply own = preview({{"triggerId", id}, {"count", 2}});
  EXPECT_EQ(own.text("anchor"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(times(own), "2026-01-01T02:00 2026-01-01T03:00 ");
  EXPECT_EQ(own.at("fires").at(0).at("local"), "2026-01-01T03:00:00") << "in the trigger's zone";

  const Reply changed = preview({{"triggerId", id}, {"schedule", "daily"}, {"count", 1}});
  EXPECT_EQ(changed.text("anchor"), "2026-01-01T01:30:00.000Z") << "a change starts anew";
  EXPECT_EQ(times(changed), "2026-01-02T01:30 ");
  EXPECT_EQ(times(preview({{"schedule", "hourly"}, {"count", 1}})), "2026-01-01T02:30 ");
}

TEST_F(SchedulePreviewTest, IsWhatTheTriggerThenDoes) {
  for (const char* schedule : {"*/7 3 * * *", "09:30", "@weekly", "2027-02-03T04:05"}) {
    const Reply shown =
        preview({{"schedule", schedule}, {"timezone", "America/New_York"}, {"count", 1}});
    const std::string id = trigger_with({{"schedule", schedule}, {"timezone", "America/New_York"}});
    EXPECT_EQ(get("/integration/trigger/" + id + "/fetch").at("nextTriggerAt"),
              shown.at("fires").at(0).at("at"))
        << schedule;
  }
}

TEST_F(SchedulePreviewTest, GoesByStartEndAndJitterOfTheTrigger) {
  const json::object bounds{{"schedule", "hourly"},
                            {"timezone", "Europe/Oslo"},
                            {"scheduleStartAt", "2026-02-01T10:20:00Z"},
                            {"scheduleEndAt", "2026-02-01T13:00:00Z"},
                            {"scheduleJitter", 600'000}};
  const std::string id = trigger_with(bounds);
  const Reply own = preview({{"triggerId", id}});
  const json::value next = get("/integration/trigger/" + id + "/fetch").at("nextTriggerAt");
  EXPECT_EQ(own.at("fires").at(0).at("firesAt"), next);
  EXPECT_NE(own.at("fires").at(0).at("at"), next) << "it is due before it fires";
  EXPECT_EQ(own.text("anchor"), "2026-02-01T10:20:00.000Z");
  EXPECT_EQ(own.text("phrase"),
            "Every hour, counted from Sunday 1 February 2026 at 11:20, Europe/Oslo");

  const Reply fresh = preview(bounds);
  EXPECT_EQ(times(fresh), times(own)) << "in the body, too";
  EXPECT_EQ(fresh.at("fires").at(0).at("firesAt"), nullptr) << "no trigger, no jitter";
  const Reply other = preview({{"triggerId", id}, {"scheduleEndAt", nullptr}, {"count", 7}});
  EXPECT_EQ(other.at("fires").as_array().size(), 7U);
  EXPECT_EQ(preview({{"triggerId", id}, {"scheduleEndAt", "2026-01-31"}}).message(),
            "scheduleEndAt must not be before scheduleStartAt");
  EXPECT_EQ(preview({{"schedule", "hourly"}, {"scheduleJitter", -1}, {"count", 0}}).message(),
            "count must be an integer from 1 to 100; scheduleJitter must be an integer from 0 to "
            "86400000");
}

TEST_F(SchedulePreviewTest, WhatJitterDelaysIsStillToCome) {
  const std::string id = trigger_with({{"schedule", "0 1 * * *"}, {"scheduleJitter", 86'400'000}});
  clock.advance(61min);
  EXPECT_EQ(preview({{"triggerId", id}}).at("fires").at(0).at("firesAt"),
            get("/integration/trigger/" + id + "/fetch").at("nextTriggerAt"));
}

TEST_F(SchedulePreviewTest, APausedTriggerIsSaidToBe) {
  const std::string id = trigger_with({{"schedule", "hourly"}});
  post("/integration/trigger/" + id + "/pause");
  const Reply reply = preview({{"triggerId", id}, {"schedule", "daily"}});
  EXPECT_EQ(reply.at("state"), "paused");
  EXPECT_EQ(reply.text("note"),
            "The trigger is paused: it does not fire until it is resumed: POST .../resume");
  EXPECT_EQ(reply.at("fires").as_array().size(), 5U) << "as if it were resumed";
  post("/integration/trigger/" + id + "/resume");
  EXPECT_EQ(preview({{"triggerId", id}}).at("state"), "active");
  EXPECT_EQ(preview({{"triggerId", id}}).at("note"), nullptr);
}

TEST_F(SchedulePreviewTest, TakesWhatATriggerTakes) {
  const std::string id = trigger_with({{"schedule", "hourly"}, {"timezone", "Europe/Oslo"}});
  clock.advance(90min);
  const Reply padded =
      preview({{"triggerId", id}, {"schedule", " hourly "}, {"timezone", " Europe/Oslo\f"}});
  EXPECT_EQ(padded.text("anchor"), "2026-01-01T00:00:00.000Z") << "blanks change nothing";
  EXPECT_EQ(preview({{"schedule", "09:00"}, {"timezone", "  "}}).text("phrase"),
            "Every day at 09:00, UTC");
  EXPECT_EQ(preview({{"schedule", " \f "}}).text("phrase"), "Never by itself");
  const Reply wrong = preview({{"schedule", "daily"}, {"timezone", "  Europe/Pariss "}});
  EXPECT_EQ(wrong.at("error").at("position"), 2);
  EXPECT_EQ(wrong.at("error").at("length"), 13);
}

TEST_F(SchedulePreviewTest, SaysWhyNoTimeIsLeft) {
  const auto note = [&](const json::object& body) { return preview(body).text("note"); };
  EXPECT_EQ(note({{"schedule", "2026-03-01"}, {"from", "2026-04-01"}}),
            "No times after 2026-04-01T00:00:00.000Z");
  EXPECT_EQ(note({{"schedule", "09:00"}, {"scheduleEndAt", "2025-12-31"}}),
            "Its scheduleEndAt is past: it does not run again");
  EXPECT_EQ(note({{"schedule", "09:00"}, {"scheduleEndAt", "2026-01-01T08:00"}}),
            "No times before its scheduleEndAt, 2026-01-01T08:00:00.000Z");
  EXPECT_EQ(note({{"schedule", "2026-03-01"}, {"scheduleStartAt", "2026-04-01"}}),
            "No times: its only one is before its scheduleStartAt");
}

TEST_F(SchedulePreviewTest, NeedsAScheduleOrATriggerOfTheCaller) {
  EXPECT_EQ(preview({}).message(), "schedule is required");
  EXPECT_EQ(preview({{"schedule", 7}}).status, 400);
  EXPECT_EQ(preview({{"triggerId", "trigger_aaaaaaaaaaaaaaaa"}}).status, 404);
  const std::string id = trigger_with({{"schedule", "hourly"}});
  const Reply foreign =
      post_as(other_account(), "/integration/trigger/schedule/preview", {{"triggerId", id}});
  EXPECT_EQ(foreign.status, 403);
}

TEST_F(SchedulePreviewTest, ATokenThatMayOnlyReadMayAsk) {
  const std::string reader =
      post("/token/create", {{"name", "r"}, {"scopes", json::array{"read"}}}).text("token");
  EXPECT_EQ(
      post_as(reader, "/integration/trigger/schedule/preview", {{"schedule", "daily"}}).status,
      200);
}

}  // namespace
}  // namespace bellpull
