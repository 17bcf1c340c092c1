#include <cstddef>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cli_fixture_test.h"
#include "cli/schedule_mending.h"

namespace bellpull::cli {
namespace {

using testing::HasSubstr;

constexpr auto path = "POST /api/v1/integration/trigger/schedule/preview";
constexpr auto update = "POST /api/v1/integration/trigger/trigger_1/update";
constexpr auto good = R"({"phrase":"Every day at 01:00, Europe/Oslo","fires":[
  {"at":"2026-03-29T00:00:00.000Z","local":"2026-03-29T01:00:00","offset":"+01:00"},
  {"at":"2026-03-29T23:00:00.000Z","local":"2026-03-30T01:00:00","offset":"+02:00"}],
  "anchor":null,"note":"The clocks go forward","error":null,"problems":[]})";

class ScheduleCommand : public CliTest {
 protected:
  ScheduleCommand() {
    answers("GET /api/v1/integration/trigger/list",
            R"({"items":[{"id":"trigger_1","name":"nightly","schedule":"hourly"}]})");
    answers(path, good);
    answers(update, R"({"id":"trigger_1"})");
  }
  boost::json::object sent(const char* request, std::size_t index = 0) {
    return boost::json::parse(requests_of(request).at(index).body).as_object();
  }
};

TEST_F(ScheduleCommand, ShowsWhatIsSetAndChangesNothing) {
  const Ran ran = run({"trigger", "schedule", "nightly"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "2026-03-29T01:00:00\t+01:00\t2026-03-29T00:00:00.000Z\n"
            "2026-03-30T01:00:00\t+02:00\t2026-03-29T23:00:00.000Z\n");
  EXPECT_EQ(sent(path), (boost::json::object{{"triggerId", "trigger_1"}, {"count", 5}}));
  EXPECT_TRUE(requests_of(update).empty());
}

TEST_F(ScheduleCommand, OnATerminalSaysItInWords) {
  is_terminal_ = true;
  const Ran ran = run({"trigger", "schedule", "nightly", "--no-color"});
  EXPECT_THAT(ran.out, testing::StartsWith("Every day at 01:00, Europe/Oslo\n"));
  EXPECT_THAT(ran.err, HasSubstr("The clocks go forward"));
}

TEST_F(ScheduleCommand, SetsScheduleAndZone) {
  const Ran ran = run({"trigger", "schedule", "nightly", "0 1 * * *", "--tz", "Europe/Oslo"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(sent(update),
            (boost::json::object{{"schedule", "0 1 * * *"}, {"timezone", "Europe/Oslo"}}));
  EXPECT_EQ(sent(path).at("schedule"), "0 1 * * *") << "judged before it is set";
  EXPECT_FALSE(sent(path, 1).contains("schedule")) << "shown as it was set";
}

TEST_F(ScheduleCommand, SetsHowAScheduleFires) {
  const Ran ran = run({"trigger",    "schedule",
                       "nightly",    "--start",
                       "2026-07-01", "--end",
                       "none",       "--jitter",
                       "5m",         "--catch-up",
                       "none",       "--catch-up-limit",
                       "7",          "--catch-up-window",
                       "6h",         "--overlap",
                       "skip",       "--pause-after",
                       "none",       "--body",
                       "Write it.",  "--session",
                       "reports",    "--contact-name",
                       "Ann",        "--contact-phone",
                       "none"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(sent(update), boost::json::parse(R"({
      "scheduleStartAt":"2026-07-01","scheduleEndAt":null,"scheduleJitter":300000,
      "scheduleCatchUp":"none","scheduleCatchUpLimit":7,"scheduleCatchUpWindow":21600000,
      "scheduleOverlap":"skip","schedulePauseAfter":null,"scheduleBody":"Write it.",
      "scheduleSession":"reports","scheduleContact":{"name":"Ann","phone":null}})"));
  EXPECT_EQ(sent(path), boost::json::parse(R"({"triggerId":"trigger_1","count":5,
      "scheduleStartAt":"2026-07-01","scheduleEndAt":null,"scheduleJitter":300000})"))
      << "judged before it is set";
  EXPECT_EQ(run({"trigger", "schedule", "nightly", "--jitter", "soon"}).exit_code, 2);
  EXPECT_EQ(run({"trigger", "schedule", "nightly", "--pause-after", "0"}).exit_code, 2);
}

TEST_F(ScheduleCommand, APartOfTheContactLeavesTheOthers) {
  answers("GET /api/v1/integration/trigger/list", R"({"items":[{"id":"trigger_1","name":"nightly",
      "scheduleContact":{"name":"Ann","email":"ann@example.com","phone":null}}]})");
  run({"trigger", "schedule", "nightly", "--contact-email", "a@example.com"});
  EXPECT_EQ(sent(update), boost::json::parse(R"({"scheduleContact":
      {"name":"Ann","email":"a@example.com","phone":null}})"));
}

TEST_F(ScheduleCommand, ARefusedOptionIsNamed) {
  answers(update, R"({"message":"scheduleCatchUp must be \"last\", \"none\" or \"all\""})", 400);
  EXPECT_THAT(run({"trigger", "schedule", "nightly", "--catch-up", "some"}).err,
              HasSubstr("try:  --catch-up WHICH"));
}

TEST_F(ScheduleCommand, OfAPausedTriggerSaysHowItGoesOn) {
  answers(path, R"({"state":"paused","phrase":"Every hour","fires":[],"anchor":null,
      "note":"The trigger is paused","error":null,"problems":[]})");
  is_terminal_ = true;
  const Ran ran = run({"trigger", "schedule", "nightly"});
  EXPECT_THAT(ran.err, HasSubstr("The trigger is paused"));
  EXPECT_THAT(ran.err, HasSubstr("bellpull trigger resume nightly"));
}

TEST_F(ScheduleCommand, ATriggerWhoseScheduleIsPausedSaysHowItGoesOn) {
  answers("GET /api/v1/integration/trigger/list",
          R"({"items":[{"id":"trigger_1","name":"nightly","state":"enabled",
              "scheduleState":"paused","scheduleError":"paused: it failed"}]})");
  is_terminal_ = true;
  const Ran ran = run({"trigger", "get", "nightly"});
  EXPECT_THAT(ran.out, HasSubstr("paused: it failed"));
  EXPECT_THAT(ran.err, HasSubstr("bellpull trigger resume nightly"));
}

TEST_F(ScheduleCommand, ATriggerIsPausedAndResumed) {
  answers("POST /api/v1/integration/trigger/trigger_1/pause", R"({"id":"trigger_1"})");
  answers("POST /api/v1/integration/trigger/trigger_1/resume", R"({"id":"trigger_1"})");
  EXPECT_EQ(run({"trigger", "pause", "nightly"}).exit_code, 0);
  EXPECT_EQ(run({"trigger", "resume", "nightly"}).exit_code, 0);
  EXPECT_EQ(requests_of("POST /api/v1/integration/trigger/trigger_1/pause").size(), 1U);
  EXPECT_EQ(requests_of("POST /api/v1/integration/trigger/trigger_1/resume").size(), 1U);
}

TEST_F(ScheduleCommand, WhatToTryIsWhatWasAskedWithTheHintsApplied) {
  answers(path, R"({"problems":[
    {"field":"schedule","position":2,"length":4,"message":"m","hint":"write 22-23,0-6"},
    {"field":"schedule","position":11,"length":3,"message":"m","hint":"did you mean mon?"},
    {"field":"timezone","position":0,"length":13,"message":"m","hint":"did you mean Europe/Paris?"}]})");
  EXPECT_THAT(
      run({"trigger", "schedule", "nightly", "0 22-6 * * mno", "--timezone", "Europe/Pariss"}).err,
      HasSubstr("try:  bellpull trigger schedule nightly \"0 22-23,0-6 * * mon\" --tz Europe/Paris "
                "--preview 5\n"));
  answers(path, R"({"problems":[
    {"field":"timezone","position":0,"length":1,"message":"m","hint":"use an IANA name"}]})");
  EXPECT_THAT(run({"trigger", "schedule", "nightly", "--tz", "X"}).err,
              HasSubstr("try:  bellpull trigger schedule nightly --tz UTC --preview 5\n"));
}

TEST(ShellWord, IsOneWordForAShell) {
  EXPECT_EQ(shell_word("@nightly"), "@nightly");
  EXPECT_EQ(shell_word("0 1 * * *"), "\"0 1 * * *\"");
  EXPECT_EQ(shell_word("it's $1"), "'it'\\''s $1'");
  EXPECT_EQ(shell_word(""), "\"\"");
}

TEST_F(ScheduleCommand, NoneTakesTheScheduleAway) {
  EXPECT_EQ(run({"trigger", "schedule", "nightly", "none"}).exit_code, 0);
  EXPECT_EQ(sent(update), (boost::json::object{{"schedule", ""}}));
}

TEST_F(ScheduleCommand, APreviewSetsNothing) {
  EXPECT_EQ(run({"trigger", "schedule", "nightly", "0 1 * * *", "--preview", "10"}).exit_code, 0);
  EXPECT_EQ(sent(path).at("count"), 10);
  EXPECT_TRUE(requests_of(update).empty());
}

TEST_F(ScheduleCommand, PointsAtWhatIsWrongAndSetsNothing) {
  answers(path, R"({"phrase":null,"fires":[],"anchor":null,"note":null,"error":null,"problems":[
    {"field":"schedule","position":2,"length":2,"message":"hour 25 is out of range 0-23","hint":null}]})");
  const Ran ran = run({"trigger", "schedule", "nightly", "0 25 * * *"});
  EXPECT_EQ(ran.exit_code, 6);
  EXPECT_EQ(ran.err,
            "error: schedule \"0 25 * * *\" is not valid: hour 25 is out of range 0-23\n"
            "         0 25 * * *\n"
            "           ^^\n"
            "  try:  bellpull trigger schedule nightly \"0 1 * * *\" --preview 5\n");
  EXPECT_EQ(ran.out, "");
  EXPECT_TRUE(requests_of(update).empty());
}

TEST_F(ScheduleCommand, TellsAllProblemsAtOnce) {
  answers(path, R"({"phrase":null,"fires":[],"anchor":null,"note":null,"error":null,"problems":[
    {"field":"schedule","position":2,"length":1,"message":"first","hint":"one"},
    {"field":"schedule","position":4,"length":1,"message":"second","hint":null},
    {"field":"timezone","position":0,"length":1,"message":"third","hint":"two"}]})");
  const Ran ran = run({"trigger", "schedule", "nightly", "0 ä ö * *", "--tz", "X"});
  EXPECT_THAT(ran.err, HasSubstr("schedule \"0 ä ö * *\" is not valid: first, second; third\n"
                                 "         0 ä ö * *\n"
                                 "           ^\n"
                                 "  one; two\n"));
}

TEST_F(ScheduleCommand, AsJsonIsWhatTheApiGave) {
  const Ran ran = run({"trigger", "schedule", "nightly", "--json"});
  EXPECT_EQ(ran.json().at("phrase"), "Every day at 01:00, Europe/Oslo");
  EXPECT_EQ(ran.json().at("id"), "trigger_1");
}

TEST_F(ScheduleCommand, ACountIsANumber) {
  EXPECT_EQ(run({"trigger", "schedule", "nightly", "--preview", "0"}).exit_code, 2);
  const Ran many = run({"trigger", "schedule", "nightly", "--preview", "101"});
  EXPECT_EQ(many.exit_code, 2);
  EXPECT_THAT(many.err, HasSubstr("--preview must be a whole number from 1 to 100, not \"101\""));
}

}  // namespace
}  // namespace bellpull::cli
