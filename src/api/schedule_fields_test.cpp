#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "base/result.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

// It is midnight, 2026-01-01.
class ScheduleFieldsTest : public ApiTest {
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
  Reply call(const std::string& id, const std::string& what) {
    return post(base + "/" + id + "/" + what);
  }

  // What the scheduler does to it.
  void change(const std::string& id, const std::function<void(Trigger&)>& change) {
    const auto done = await(store.transact([&](Transaction& rows) -> Result<void> {
      Trigger trigger = *rows.triggers().find(*TriggerId::parse(id));
      change(trigger);
      return rows.triggers().update(trigger);
    }));
    ASSERT_TRUE(done);
  }
  void pause_schedule(const std::string& id) {
    change(id, [](Trigger& trigger) {
      trigger.schedule_state = ScheduleState::paused;
      trigger.schedule_error = "paused: the last 3 scheduled runs did not succeed";
      trigger.next_due_at.reset();
      trigger.next_trigger_at.reset();
    });
  }
};

TEST_F(ScheduleFieldsTest, EveryOneIsKeptAndCanBePostedBack) {
  const json::object given{
      {"schedule", "0 9 * * *"},
      {"scheduleStartAt", "2026-02-01T00:00:00.000Z"},
      {"scheduleEndAt", "2026-03-01T00:00:00.000Z"},
      {"scheduleJitter", 60'000},
      {"scheduleCatchUp", "all"},
      {"scheduleCatchUpLimit", 5},
      {"scheduleCatchUpWindow", 3'600'000},
      {"scheduleOverlap", "skip"},
      {"schedulePauseAfter", 3},
      {"scheduleBody", " {\"report\": 1} "},
      {"scheduleSession", "reports"},
      {"scheduleContact", {{"name", "Ann"}, {"email", "ann@example.com"}, {"phone", nullptr}}}};
  const Reply created = create(given);
  ASSERT_EQ(created.status, 200) << created.body;
  const json::object kept = fetch(created.id());
  for (const auto& [name, value] : given) EXPECT_EQ(kept.at(name), value) << std::string{name};

  EXPECT_EQ(update(created.id(), kept).status, 200);
  EXPECT_EQ(fetch(created.id()).at("nextTriggerAt"), kept.at("nextTriggerAt"));
  EXPECT_EQ(update(created.id(), {{"scheduleContact", nullptr}, {"scheduleBody", ""}}).status, 200);
  EXPECT_EQ(fetch(created.id()).at("scheduleContact"), nullptr);
  EXPECT_EQ(fetch(created.id()).at("scheduleBody"), nullptr);
}

TEST_F(ScheduleFieldsTest, WhatIsWrongIsToldAtOnce) {
  const Reply refused = create({{"scheduleCatchUp", "some"},
                                {"scheduleJitter", 86'400'001},
                                {"scheduleCatchUpWindow", 1},
                                {"scheduleContact", {{"email", "nobody"}}}});
  EXPECT_EQ(refused.status, 400);
  for (const char* part : {"scheduleCatchUp must be \"last\", \"none\" or \"all\"",
                           "scheduleJitter must be an integer from 0 to 86400000",
                           "scheduleCatchUpWindow must be an integer from 60000 to 31622400000",
                           "scheduleContact.email must be an e-mail address"}) {
    EXPECT_NE(refused.message().find(part), std::string::npos) << part << "\n" << refused.message();
  }
  EXPECT_EQ(
      create({{"scheduleContact", {{"name", 1}, {"email", std::string(192, 'a')}}}}).message(),
      "scheduleContact.name must be a string; scheduleContact.email must be at most 191 bytes")
      << "as of a sender's contact";
  EXPECT_EQ(create({{"scheduleContact", "ann"}}).message(),
            "scheduleContact must be an object or null");
  EXPECT_EQ(create({{"scheduleStartAt", "2026-03-01"}, {"scheduleEndAt", "2026-02-01"}}).message(),
            "scheduleEndAt must not be before scheduleStartAt");
}

TEST_F(ScheduleFieldsTest, BlanksAroundAContactDoNotCount) {
  const std::string id =
      create({{"scheduleContact", {{"name", " Ann "}, {"email", " ann@example.com "}}}}).id();
  const json::value contact = fetch(id).at("scheduleContact");
  EXPECT_EQ(contact.at("name"), "Ann");
  EXPECT_EQ(contact.at("email"), "ann@example.com");
  update(id, {{"scheduleContact", {{"name", "  "}}}});
  EXPECT_EQ(fetch(id).at("scheduleContact"), nullptr);
}

TEST_F(ScheduleFieldsTest, TheNextTimeIsTheOneAtWhichItFires) {
  const std::string id = create({{"schedule", "hourly"}}).id();
  EXPECT_EQ(fetch(id).at("nextTriggerAt"), "2026-01-01T01:00:00.000Z");
  update(id, {{"scheduleStartAt", "2026-05-01T00:30:00.000Z"}});
  EXPECT_EQ(fetch(id).at("nextTriggerAt"), "2026-05-01T00:30:00.000Z")
      << "the first of an interval";
  update(id, {{"schedule", "0 3 * * *"}, {"scheduleEndAt", "2026-05-01T01:00:00.000Z"}});
  EXPECT_EQ(fetch(id).at("nextTriggerAt"), nullptr) << "it never comes";
  update(id, {{"schedule", "hourly"},
              {"scheduleEndAt", nullptr},
              {"scheduleStartAt", nullptr},
              {"scheduleJitter", 60'000}});
  const std::string next{fetch(id).at("nextTriggerAt").as_string()};
  EXPECT_GE(next, "2026-01-01T01:00:00.000Z");
  EXPECT_LE(next, "2026-01-01T01:01:00.000Z");
}

TEST_F(ScheduleFieldsTest, ATimeWithoutAnOffsetIsOfTheTriggersZone) {
  const std::string id = create({{"scheduleStartAt", "2026-02-01T10:00"},
                                 {"scheduleEndAt", "2026-07-01"},
                                 {"schedule", "hourly"},
                                 {"timezone", "Europe/Oslo"}})
                             .id();
  EXPECT_EQ(fetch(id).at("scheduleStartAt"), "2026-02-01T09:00:00.000Z");
  EXPECT_EQ(fetch(id).at("scheduleEndAt"), "2026-06-30T22:00:00.000Z");
  update(id, {{"scheduleStartAt", "2026-03-29T02:30"}});
  EXPECT_EQ(fetch(id).at("scheduleStartAt"), "2026-03-29T01:00:00.000Z") << "it does not exist";
  update(id, {{"scheduleStartAt", "2026-02-01T10:00"}, {"timezone", "America/New_York"}});
  EXPECT_EQ(fetch(id).at("scheduleStartAt"), "2026-02-01T15:00:00.000Z") << "of the new zone";
  update(id, {{"scheduleStartAt", "2026-02-01T10:00Z"}, {"scheduleEndAt", 1'800'000'000'000}});
  EXPECT_EQ(fetch(id).at("scheduleStartAt"), "2026-02-01T10:00:00.000Z");
  EXPECT_EQ(fetch(id).at("scheduleEndAt"), "2027-01-15T08:00:00.000Z");
}

TEST_F(ScheduleFieldsTest, APolicyMovesNoTime) {
  const std::string id = create({{"schedule", "hourly"}}).id();
  clock.advance(std::chrono::minutes{90});
  update(id, {{"scheduleCatchUp", "none"}, {"scheduleBody", "x"}});
  EXPECT_EQ(fetch(id).at("nextTriggerAt"), "2026-01-01T01:00:00.000Z") << "it is due, and fires";
}

TEST_F(ScheduleFieldsTest, AnInvokePassesOverNoOccurrenceThatIsDue) {
  const std::string id = create({{"schedule", "hourly"}}).id();
  clock.advance(std::chrono::hours{1});
  call(id, "invoke");
  EXPECT_EQ(fetch(id).at("nextTriggerAt"), "2026-01-01T01:00:00.000Z");
  EXPECT_EQ(fetch(id).at("lastTriggerAt"), "2026-01-01T01:00:00.000Z");
}

TEST_F(ScheduleFieldsTest, ASetupMakesAMissingNextTime) {
  const std::string id = create({{"schedule", "hourly"}}).id();
  change(id, [](Trigger& trigger) {
    trigger.next_due_at.reset();
    trigger.next_trigger_at.reset();
  });
  EXPECT_EQ(call(id, "setup").status, 200);
  EXPECT_EQ(fetch(id).at("nextTriggerAt"), "2026-01-01T01:00:00.000Z");
}

TEST_F(ScheduleFieldsTest, APausedScheduleSaysWhyAndGoesOnWithAResume) {
  const std::string id = create({{"schedule", "hourly"}}).id();
  pause_schedule(id);
  EXPECT_EQ(fetch(id).at("scheduleState"), "paused");
  EXPECT_EQ(fetch(id).at("scheduleError"), "paused: the last 3 scheduled runs did not succeed");
  const Reply refused = call(id, "setup");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.message(), "the schedule is paused: the last 3 scheduled runs did not succeed");
  call(id, "invoke");
  EXPECT_EQ(fetch(id).at("nextTriggerAt"), nullptr) << "an invoke does not resume it";
  update(id, {{"name", "x"}});
  EXPECT_EQ(fetch(id).at("scheduleState"), "paused") << "nor does a change of something else";

  clock.advance(std::chrono::minutes{90});
  EXPECT_EQ(call(id, "resume").status, 200);
  EXPECT_EQ(fetch(id).at("scheduleState"), "active");
  EXPECT_EQ(fetch(id).at("scheduleError"), nullptr);
  EXPECT_EQ(fetch(id).at("nextTriggerAt"), "2026-01-01T02:00:00.000Z");
}

TEST_F(ScheduleFieldsTest, APausedScheduleGoesOnWhenAnythingOfItIsChanged) {
  const std::string id = create({{"schedule", "hourly"}}).id();
  pause_schedule(id);
  update(id, {{"schedulePauseAfter", 5}});
  EXPECT_EQ(fetch(id).at("scheduleState"), "active");
  EXPECT_EQ(fetch(id).at("nextTriggerAt"), "2026-01-01T01:00:00.000Z");
}

TEST_F(ScheduleFieldsTest, AScheduleThatCanNotBeReadAnyMoreIsNamed) {
  const std::string id = create({{"schedule", "hourly"}}).id();
  change(id, [](Trigger& trigger) { trigger.timezone = "Mars/Olympus"; });
  EXPECT_EQ(call(id, "setup").status, 400);
  call(id, "pause");
  call(id, "resume");
  EXPECT_EQ(fetch(id).at("scheduleState"), "invalid");
  EXPECT_EQ(fetch(id).at("schedule"), "hourly");
  const auto errors = get("/event/log/list?type=integration.trigger.schedule.error").items();
  ASSERT_FALSE(errors.empty()) << "the event log says so";
  EXPECT_EQ(errors.at(0).at("triggerIntegrationId"), id.c_str());
  EXPECT_NE(json::serialize(errors.at(0)).find("Mars/Olympus"), std::string::npos);
  const std::size_t told = errors.size();
  call(id, "invoke");
  EXPECT_EQ(get("/event/log/list?type=integration.trigger.schedule.error").items().size(), told)
      << "once";
  update(id, {{"timezone", "Europe/Oslo"}});
  EXPECT_EQ(fetch(id).at("scheduleState"), "active");
  EXPECT_EQ(fetch(id).at("nextTriggerAt"), "2026-01-01T01:00:00.000Z");
}

TEST_F(ScheduleFieldsTest, ATriggerWithoutAScheduleHasNoStateOfOne) {
  EXPECT_EQ(fetch(create({}).id()).at("scheduleState"), nullptr);
}

}  // namespace
}  // namespace bellpull
