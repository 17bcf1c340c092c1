// Schedules where the clocks change: the rules in schedule.h, told by example.
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/time.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;
using Times = std::vector<std::string>;

TimePoint time_of(const char* text) {
  const auto time = parse_iso(text);
  EXPECT_TRUE(time) << text;
  return time.value_or(TimePoint{});
}

// Every time of the schedule after `from` and up to `to`, in UTC to the minute.
Times times_between(const char* text, const char* zone, const char* from, const char* to) {
  const Schedule schedule = Schedule::parse(text).value();
  const TimeZone in = TimeZone::find(zone).value();
  const TimePoint end = time_of(to);
  Times result;
  auto next = schedule.next_after(time_of(from), in, TimePoint{});
  while (next && *next <= end) {
    result.push_back(to_iso(*next).substr(5, 11));
    next = schedule.next_after(*next, in, TimePoint{});
  }
  return result;
}

TEST(ClockChangeTest, ATimeThatDoesNotExistRunsAtTheFirstInstantAfterTheGap) {
  EXPECT_EQ(times_between("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00Z", "2026-03-30T12:00Z"),
            (Times{"03-28T01:30", "03-29T01:00", "03-30T00:30"}));
  EXPECT_EQ(times_between("02:30", "America/New_York", "2026-03-07T00:00Z", "2026-03-09T12:00Z"),
            (Times{"03-07T07:30", "03-08T07:00", "03-09T06:30"}));
  EXPECT_EQ(
      times_between("10 2 * * *", "Australia/Lord_Howe", "2026-10-02T00:00Z", "2026-10-05T00:00Z"),
      (Times{"10-02T15:40", "10-03T15:30", "10-04T15:10"}));
  EXPECT_EQ(times_between("2026-03-29T02:30", "Europe/Berlin", "2026-01-01", "2027-01-01"),
            (Times{"03-29T01:00"}));
}

TEST(ClockChangeTest, SeveralTimesInOneGapRunOnceTogether) {
  EXPECT_EQ(
      times_between("0,20,40 2-3 * * *", "Europe/Berlin", "2026-03-29T00:00Z", "2026-03-29T02:00Z"),
      (Times{"03-29T01:00", "03-29T01:20", "03-29T01:40"}));
}

TEST(ClockChangeTest, ATimeThatOccursTwiceRunsOnceAtItsFirst) {
  EXPECT_EQ(times_between("30 2 * * *", "Europe/Berlin", "2026-10-24T00:00Z", "2026-10-26T12:00Z"),
            (Times{"10-24T00:30", "10-25T00:30", "10-26T01:30"}));
  EXPECT_EQ(times_between("01:30", "America/New_York", "2026-10-31T00:00Z", "2026-11-02T12:00Z"),
            (Times{"10-31T05:30", "11-01T05:30", "11-02T06:30"}));
  EXPECT_EQ(
      times_between("45 1 * * *", "Australia/Lord_Howe", "2026-04-03T00:00Z", "2026-04-06T00:00Z"),
      (Times{"04-03T14:45", "04-04T14:45", "04-05T15:15"}));
  EXPECT_EQ(times_between("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30Z", "2027-01-01"),
            Times{})
      << "its second occurrence is no second run";
}

TEST(ClockChangeTest, AskedInsideTheSecondPassNothingRunsAgain) {
  EXPECT_EQ(
      times_between("*/30 2-3 * * *", "Europe/Berlin", "2026-10-25T01:10Z", "2026-10-25T04:00Z"),
      (Times{"10-25T02:00", "10-25T02:30"}));
}

TEST(ClockChangeTest, EveryRealQuarterHourRunsThroughTheRepeatedHour) {
  const Times all =
      times_between("*/15 * * * *", "Europe/Berlin", "2026-10-24T22:00Z", "2026-10-25T04:00Z");
  EXPECT_EQ(all.size(), 24U);
  EXPECT_EQ(times_between("*/15 * * * *", "", "2026-10-24T22:00Z", "2026-10-25T04:00Z"), all);
  EXPECT_EQ(
      times_between("*/15 0-23 * * *", "Europe/Berlin", "2026-10-24T22:00Z", "2026-10-25T04:00Z"),
      all)
      << "all hours by name are all hours";
}

TEST(ClockChangeTest, EveryRealQuarterHourRunsThroughTheSkippedHour) {
  EXPECT_EQ(
      times_between("*/15 * * * *", "Europe/Berlin", "2026-03-29T00:00Z", "2026-03-29T02:00Z"),
      times_between("*/15 * * * *", "", "2026-03-29T00:00Z", "2026-03-29T02:00Z"));
}

TEST(ClockChangeTest, ARhythmIsNotMovedOutOfASkippedHour) {
  EXPECT_EQ(times_between("30 * * * *", "Europe/Berlin", "2026-03-29T00:00Z", "2026-03-29T02:00Z"),
            (Times{"03-29T00:30", "03-29T01:30"}));
  EXPECT_EQ(
      times_between("0 * * * *", "Australia/Lord_Howe", "2026-10-03T14:00Z", "2026-10-03T17:00Z"),
      (Times{"10-03T14:30", "10-03T16:00", "10-03T17:00"}));
}

TEST(ClockChangeTest, ASkippedDayRunsWhenTheNextBegins) {
  EXPECT_EQ(times_between("0 12 30 12 *", "Pacific/Apia", "2011-01-01", "2012-12-01"),
            (Times{"12-30T10:00"}));
}

TEST(ClockChangeTest, AnIntervalDoesNotFollowTheClocks) {
  const Schedule daily = Schedule::parse("daily").value();
  const TimePoint anchor = time_of("2026-03-28T12:00Z");
  EXPECT_EQ(daily.next_after(anchor, TimeZone::find("Europe/Berlin").value(), anchor),
            anchor + 24h);
}

}  // namespace
}  // namespace bellpull
