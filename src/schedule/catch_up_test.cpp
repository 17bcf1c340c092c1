#include "schedule/catch_up.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/time.h"
#include "domain/trigger.h"
#include "schedule/timetable.h"

namespace bellpull {
namespace {

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
