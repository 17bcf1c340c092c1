#include "schedule/catch_up.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/time.h"
#include "domain/trigger.h"
#include "schedule/timetable.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

TimePoint at(const std::string& time) { return parse_iso("2026-05-01T" + time + "Z").value(); }

class CatchUpTest : public testing::Test {
 protected:
  CatchUpTest() { trigger.schedule = "*/10 * * * *"; }

  FiringPlan plan(const char* first_due, const char* now, std::size_t limit = 1'000) {
    return plan_firing(*Timetable::of(trigger), trigger, at(first_due), at(now), limit);
  }
  static std::vector<std::string> times(const FiringPlan& plan) {
    std::vector<std::string> times;
    for (const Occurrence& one : plan.fire) times.push_back(to_iso(one.due).substr(11, 5));
    return times;
  }
  using Times = std::vector<std::string>;

  Trigger trigger;
};

TEST_F(CatchUpTest, WhatIsOnTimeFiresWhateverThePolicy) {
  for (const CatchUp policy : {CatchUp::none, CatchUp::last, CatchUp::all}) {
    trigger.schedule_catch_up = policy;
    const FiringPlan fires = plan("10:00:00", "10:00:00.004");
    EXPECT_EQ(times(fires), Times{"10:00"});
    EXPECT_EQ(fires.next->due, at("10:10:00"));
    EXPECT_EQ(fires.missed.count, 0);
  }
}

TEST_F(CatchUpTest, WhatIsLateByAMinuteIsStillNotMissed) {
  trigger.schedule_catch_up = CatchUp::none;
  EXPECT_EQ(times(plan("10:00:00", "10:01:00")), Times{"10:00"});
  EXPECT_EQ(times(plan("10:00:00", "10:01:00.001")), Times{});
}

TEST_F(CatchUpTest, NoneLeavesOutWhatWasMissedAndSaysSo) {
  trigger.schedule_catch_up = CatchUp::none;
  const FiringPlan fires = plan("10:00:00", "10:25:00");
  EXPECT_EQ(times(fires), Times{});
  EXPECT_EQ(fires.missed.count, 3);
  EXPECT_EQ(fires.missed.first, at("10:00:00"));
  EXPECT_EQ(fires.missed.last, at("10:20:00"));
  EXPECT_EQ(fires.next->due, at("10:30:00"));
}

TEST_F(CatchUpTest, LastMakesUpForTheNewestOnly) {
  const FiringPlan fires = plan("10:00:00", "10:25:00");
  EXPECT_EQ(times(fires), Times{"10:20"});
  EXPECT_EQ(fires.missed.count, 2);
  EXPECT_EQ(fires.next->due, at("10:30:00"));
}

TEST_F(CatchUpTest, LastLeavesItOutWhenALaterOneFiresNow) {
  const FiringPlan fires = plan("10:00:00", "10:20:30");
  EXPECT_EQ(times(fires), Times{"10:20"});
  EXPECT_EQ(fires.missed.count, 2);
}

TEST_F(CatchUpTest, AllMakesUpForEachTheOldestFirst) {
  trigger.schedule_catch_up = CatchUp::all;
  const FiringPlan fires = plan("10:00:00", "10:25:00");
  EXPECT_EQ(times(fires), (Times{"10:00", "10:10", "10:20"}));
  EXPECT_EQ(fires.missed.count, 0);
}

TEST_F(CatchUpTest, AllKeepsTheNewestWithinItsLimit) {
  trigger.schedule_catch_up = CatchUp::all;
  trigger.schedule_catch_up_limit = 2;
  const FiringPlan fires = plan("08:00:00", "10:25:00");
  EXPECT_EQ(times(fires), (Times{"10:10", "10:20"}));
  EXPECT_EQ(fires.missed.count, 13);
}

TEST_F(CatchUpTest, TheWindowBoundsWhatIsMadeUpFor) {
  trigger.schedule_catch_up = CatchUp::all;
  trigger.schedule_catch_up_window = 900'000;
  EXPECT_EQ(times(plan("08:00:00", "10:25:00")), (Times{"10:10", "10:20"}));
  trigger.schedule_catch_up = CatchUp::last;
  trigger.schedule_catch_up_window = 120'000;
  EXPECT_EQ(times(plan("08:00:00", "10:25:00")), Times{});
}

TEST_F(CatchUpTest, TheWindowLeavesAloneWhatIsOnlyLate) {
  trigger.schedule = "0 * * * *";
  trigger.schedule_jitter = 1'800'000;
  trigger.schedule_catch_up_window = 60'000;
  const Timetable timetable = Timetable::of(trigger).value();
  // Due longer ago than the window, for jitter delays it, and ten seconds late.
  TimePoint due = at("00:00:00");
  while (timetable.next_after(due)->fires_at - timetable.next_after(due)->due < 5min) {
    due = timetable.next_after(due)->due;
  }
  const Occurrence late = timetable.next_after(due).value();
  for (const CatchUp policy : {CatchUp::none, CatchUp::last, CatchUp::all}) {
    trigger.schedule_catch_up = policy;
    const FiringPlan fires = plan_firing(timetable, trigger, due - 1h, late.fires_at + 10s, 1'000);
    ASSERT_EQ(fires.fire.size(), 1);
    EXPECT_EQ(fires.fire[0].due, late.due);
    EXPECT_EQ(fires.missed.count, 2);
  }
}

TEST_F(CatchUpTest, ALongBacklogIsFiredInPieces) {
  trigger.schedule_catch_up = CatchUp::all;
  const FiringPlan first = plan("10:00:00", "11:05:00", 4);
  EXPECT_EQ(times(first), (Times{"10:00", "10:10", "10:20", "10:30"}));
  ASSERT_EQ(first.next->due, at("10:40:00"));
  const FiringPlan second = plan("10:40:00", "11:05:00", 4);
  EXPECT_EQ(times(second), (Times{"10:40", "10:50", "11:00"}));
}

TEST_F(CatchUpTest, YearsOfEveryMinuteAreBoundedWork) {
  trigger.schedule = "* * * * *";
  trigger.schedule_catch_up = CatchUp::all;
  const FiringPlan fires =
      plan_firing(*Timetable::of(trigger), trigger, parse_iso("2016-05-01T00:00:00Z").value(),
                  at("10:00:30"), 1'000);
  EXPECT_EQ(fires.fire.size(), 101) << "a hundred were missed, and one is on time";
  EXPECT_EQ(fires.fire.back().due, at("10:00:00"));
  EXPECT_TRUE(fires.missed.more);
}

TEST_F(CatchUpTest, ADayOfEveryMinuteCostsAFewLooksForEachThatFires) {
  trigger.schedule = "* * * * *";
  trigger.schedule_catch_up = CatchUp::all;
  trigger.schedule_catch_up_limit = 1'000;
  const Timetable timetable = Timetable::of(trigger).value();
  const TimePoint now = at("23:59:30");
  TimePoint next = at("00:00:00");
  std::int64_t looks = 0;
  std::size_t fired = 0;
  while (next <= now) {
    const FiringPlan plan = plan_firing(timetable, trigger, next, now, 16);
    looks += plan.looks;
    fired += plan.fire.size();
    next = plan.next->due;
  }
  EXPECT_EQ(fired, 1'001) << "a thousand were missed, and one is on time";
  EXPECT_LT(looks, 5 * 1'001);
}

// Bursts far apart: neither the first pace nor a place found by looking farther back fits.
TEST_F(CatchUpTest, TheNewestAreFoundWhateverThePace) {
  trigger.schedule_catch_up = CatchUp::all;
  const TimePoint from = parse_iso("2024-05-01T00:00:00Z").value();
  for (const char* schedule :
       {"* * 3 1 2 *", "* * * * * *", "0 0 1 1 *", "*/7 9-17 * * mon", "59 59 23 31 12 *",
        "0 0,1 0 29 2 *", "*/5 * * * *", "hourly", "* 0 0 1 * *"}) {
    for (const std::int64_t limit : {1, 2, 100, 1'000}) {
      SCOPED_TRACE(std::string{schedule} + " limit " + std::to_string(limit));
      trigger.schedule = schedule;
      trigger.schedule_catch_up_limit = limit;
      const Timetable timetable = Timetable::of(trigger).value();
      const TimePoint first = timetable.next_after(from)->due;
      const FiringPlan plan = plan_firing(timetable, trigger, first, at("12:00:30"), 2'000);
      const auto missed = std::ranges::count_if(plan.fire, [](const Occurrence& one) {
        return one.fires_at < at("12:00:30") - missed_after;
      });
      EXPECT_LE(missed, limit);
      EXPECT_TRUE(missed == limit || plan.missed.count == 0) << missed;
      EXPECT_LT(plan.looks, 30'000);
    }
  }
}

TEST_F(CatchUpTest, AScheduleThatWasForOnceHasNoNext) {
  trigger.schedule = "2026-05-01T10:00:00Z";
  const FiringPlan fires = plan("10:00:00", "10:00:01");
  EXPECT_EQ(times(fires), Times{"10:00"});
  EXPECT_EQ(fires.next, std::nullopt);
}

TEST_F(CatchUpTest, JitterIsNoLateness) {
  trigger.schedule = "0 10 * * *";
  trigger.schedule_jitter = 7'200'000;
  trigger.schedule_catch_up = CatchUp::none;
  const auto occurrence = Timetable::of(trigger)->next_after(at("09:00:00"));
  const auto fires =
      plan_firing(*Timetable::of(trigger), trigger, at("10:00:00"), occurrence->fires_at, 10);
  EXPECT_EQ(fires.fire.size(), 1);
}

}  // namespace
}  // namespace bellpull
