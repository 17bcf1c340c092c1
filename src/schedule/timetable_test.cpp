#include "schedule/timetable.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/time.h"
#include "domain/ids.h"
#include "domain/trigger.h"

namespace bellpull {
namespace {

TimePoint at(const char* iso) { return parse_iso(iso).value(); }

Trigger scheduled(const char* schedule, std::int64_t key = 1) {
  Trigger trigger;
  trigger.id.key = TriggerKey{key};
  trigger.schedule = schedule;
  trigger.schedule_anchor = at("2026-01-01T00:00:00Z");
  return trigger;
}

std::vector<std::string> dues(const Trigger& trigger, const char* after, int count) {
  const auto timetable = Timetable::of(trigger);
  EXPECT_TRUE(timetable);
  std::vector<std::string> times;
  TimePoint time = at(after);
  for (int i = 0; i < count; ++i) {
    const auto next = timetable->next_after(time);
    if (!next) break;
    times.push_back(to_iso(next->due));
    time = next->due;
  }
  return times;
}

TEST(Timetable, OfATriggerWithoutAScheduleIsEmpty) {
  EXPECT_EQ(Timetable::of(Trigger{})->next_after(at("2026-01-01")), std::nullopt);
}

TEST(Timetable, OfASwitchedZoneFollowsItsClocks) {
  Trigger trigger = scheduled("30 2 * * *");
  trigger.timezone = "Europe/Berlin";
  EXPECT_EQ(dues(trigger, "2026-03-28T12:00:00Z", 2),
            (std::vector<std::string>{"2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"}))
      << "02:30 does not exist on the 29th";
  EXPECT_EQ(dues(trigger, "2026-10-24T12:00:00Z", 2),
            (std::vector<std::string>{"2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"}))
      << "02:30 occurs twice on the 25th";
}

TEST(Timetable, HasNothingBeforeItsStartNorAfterItsEnd) {
  Trigger trigger = scheduled("0 * * * *");
  trigger.schedule_start_at = at("2026-02-01T10:00:00Z");
  trigger.schedule_end_at = at("2026-02-01T11:00:00Z");
  EXPECT_EQ(dues(trigger, "2026-01-01", 5),
            (std::vector<std::string>{"2026-02-01T10:00:00.000Z", "2026-02-01T11:00:00.000Z"}));
}

TEST(Timetable, CountsAnIntervalFromItsStart) {
  Trigger trigger = scheduled("hourly");
  trigger.schedule_start_at = at("2026-02-01T10:20:00Z");
  EXPECT_EQ(dues(trigger, "2026-01-01", 3),
            (std::vector<std::string>{"2026-02-01T10:20:00.000Z", "2026-02-01T11:20:00.000Z",
                                      "2026-02-01T12:20:00.000Z"}))
      << "the start itself counts, as it does for a cron expression";
}

TEST(Timetable, OfAnIntervalThatEndsAtItsStartHasOneTime) {
  Trigger trigger = scheduled("hourly");
  trigger.schedule_start_at = trigger.schedule_end_at = at("2026-02-01T10:20:00Z");
  EXPECT_EQ(dues(trigger, "2026-01-01", 5), std::vector<std::string>{"2026-02-01T10:20:00.000Z"});
}

TEST(Timetable, KeepsWhatWasPromisedByOtherRules) {
  auto timetable = Timetable::of(scheduled("0 9 * * *"));
  const TimePoint promised = at("2026-02-01T08:00:00Z");
  timetable->keep({.due = promised, .fires_at = promised});
  EXPECT_EQ(timetable->next_after(promised - Duration{1})->due, promised);
  EXPECT_EQ(timetable->next_after(promised)->due, at("2026-02-01T09:00:00Z"));
}

TEST(Timetable, DelaysByJitterTheSameWayEveryTimeAndNeverPastTheNext) {
  Trigger trigger = scheduled("* * * * *");
  trigger.schedule_jitter = 3'600'000;
  const auto one = Timetable::of(trigger);
  const auto again = Timetable::of(trigger);
  TimePoint time = at("2026-01-01T00:00:00Z");
  Duration least = std::chrono::hours{1};
  Duration most{0};
  for (int i = 0; i < 500; ++i) {
    const auto next = one->next_after(time);
    ASSERT_TRUE(next);
    EXPECT_EQ(next, again->next_after(time));
    const Duration delay = next->fires_at - next->due;
    least = std::min(least, delay);
    most = std::max(most, delay);
    time = next->due;
  }
  EXPECT_GE(least, Duration{0});
  EXPECT_LT(most, std::chrono::minutes{1}) << "the next is due by then";
  EXPECT_LT(least, std::chrono::seconds{5});
  EXPECT_GT(most, std::chrono::seconds{55}) << "the whole of the time is used";
}

TEST(Timetable, SpreadsTriggersThatAreDueTogether) {
  Trigger one = scheduled("0 9 * * *", 1);
  Trigger other = scheduled("0 9 * * *", 2);
  one.schedule_jitter = other.schedule_jitter = 600'000;
  EXPECT_NE(Timetable::of(one)->next_after(at("2026-01-01"))->fires_at,
            Timetable::of(other)->next_after(at("2026-01-01"))->fires_at);
}

TEST(Timetable, RefusesWhatCanNotBeRead) {
  EXPECT_FALSE(Timetable::of(scheduled("61 * * * *")));
  Trigger trigger = scheduled("hourly");
  trigger.timezone = "Mars/Olympus";
  EXPECT_FALSE(Timetable::of(trigger));
}

}  // namespace
}  // namespace bellpull
