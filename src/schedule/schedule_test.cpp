#include "schedule/schedule.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/time.h"
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

// The next `count` times after `after`, to the second; "none" where they end.
Times next_times(const char* text, const char* zone, const char* after, int count) {
  const Schedule schedule = Schedule::parse(text).value();
  TimePoint time = time_of(after);
  const TimePoint anchor = time;
  Times result;
  for (int i = 0; i < count; ++i) {
    const auto next = schedule.next_after(time, TimeZone::find(zone).value(), anchor);
    if (!next) return result.emplace_back("none"), result;
    time = *next;
    result.push_back(to_iso(time).substr(0, 19));
  }
  return result;
}

std::string next_time(const char* text, const char* zone, const char* after) {
  return next_times(text, zone, after, 1).front();
}

TEST(ScheduleTest, IntervalWordsKeepTheirCadenceFromTheAnchor) {
  struct Case {
    const char* word;
    Duration period;
  };
  const Case cases[] = {{"quarterhourly", 15min},
                        {"halfhourly", 30min},
                        {"hourly", 1h},
                        {"twicedaily", 12h},
                        {"daily", 24h},
                        {"twiceweekly", 84h},
                        {"weekly", 168h},
                        {"twicemonthly", 1'314'000'000ms},
                        {"monthly", 2'628'000'000ms}};
  const TimePoint anchor = time_of("2026-01-01T00:00:07.123Z");
  for (const Case& expected : cases) {
    const Schedule schedule = Schedule::parse(expected.word).value();
    const auto next = [&](TimePoint after) {
      return schedule.next_after(after, TimeZone::utc(), anchor);
    };
    EXPECT_EQ(next(anchor - 400 * 24h), anchor + expected.period) << "never before the first";
    EXPECT_EQ(next(anchor), anchor + expected.period) << expected.word;
    EXPECT_EQ(next(anchor + expected.period - 1ms), anchor + expected.period);
    EXPECT_EQ(next(anchor + expected.period), anchor + 2 * expected.period);
    EXPECT_EQ(next(anchor + 1000 * expected.period + 3ms), anchor + 1001 * expected.period)
        << "a late run does not move the cadence";
  }
}

TEST(ScheduleTest, AnIntervalEndsWithTheYearsThatCanBeWritten) {
  EXPECT_EQ(next_times("hourly", "UTC", "9999-12-31T21:30:00Z", 3),
            (Times{"9999-12-31T22:30:00", "9999-12-31T23:30:00", "none"}));
}

TEST(ScheduleTest, NeverAndNothingHaveNoNextTime) {
  EXPECT_EQ(next_time("never", "", "2026-01-01"), "none");
  EXPECT_EQ(next_time("", "", "2026-01-01"), "none");
}

struct Example {
  const char* text;
  const char* after;
  Times times;
};

class CronExampleTest : public testing::TestWithParam<Example> {};

TEST_P(CronExampleTest, RunsAtTheseTimes) {
  const Example& example = GetParam();
  EXPECT_EQ(next_times(example.text, "", example.after, static_cast<int>(example.times.size())),
            example.times)
      << example.text;
}

INSTANTIATE_TEST_SUITE_P(
    Forms, CronExampleTest,
    testing::Values(Example{"0 * * * *", "2026-01-01T10:00:00.001Z", {"2026-01-01T11:00:00"}},
                    Example{"0 * * * *", "2026-01-01T09:59:59.999Z", {"2026-01-01T10:00:00"}},
                    Example{
                        "0 0 * * *", "2026-01-01", {"2026-01-02T00:00:00", "2026-01-03T00:00:00"}},
                    Example{"*/20 8-9 * * *",
                            "2026-01-01T08:30",
                            {"2026-01-01T08:40:00", "2026-01-01T09:00:00", "2026-01-01T09:20:00",
                             "2026-01-01T09:40:00", "2026-01-02T08:00:00"}},
                    Example{"5/20 0 * * *",
                            "2026-01-01",
                            {"2026-01-01T00:05:00", "2026-01-01T00:25:00", "2026-01-01T00:45:00",
                             "2026-01-02T00:05:00"}},
                    Example{"3,1,10-14/2 0 1 1 *",
                            "2026-01-01",
                            {"2026-01-01T00:01:00", "2026-01-01T00:03:00", "2026-01-01T00:10:00",
                             "2026-01-01T00:12:00", "2026-01-01T00:14:00", "2027-01-01T00:01:00"}},
                    Example{"*/30 * * * * *",
                            "2026-01-01T23:59:29Z",
                            {"2026-01-01T23:59:30", "2026-01-02T00:00:00", "2026-01-02T00:00:30"}},
                    Example{"15 30 12 * * *", "2026-01-01T12:30:15Z", {"2026-01-02T12:30:15"}},
                    Example{"\t 00  09 *  *\t* ", "2026-01-01", {"2026-01-01T09:00:00"}}));

INSTANTIATE_TEST_SUITE_P(
    Days, CronExampleTest,
    testing::Values(
        Example{"0 9 * * MON-fri",
                "2026-01-02T09:00",  // a Friday
                {"2026-01-05T09:00:00", "2026-01-06T09:00:00"}},
        Example{"0 0 * * 7", "2026-01-01", {"2026-01-04T00:00:00", "2026-01-11T00:00:00"}},
        Example{"0 0 * * 0", "2026-01-01", {"2026-01-04T00:00:00", "2026-01-11T00:00:00"}},
        Example{"0 0 * * Fri-Sun",
                "2026-01-01",
                {"2026-01-02T00:00:00", "2026-01-03T00:00:00", "2026-01-04T00:00:00",
                 "2026-01-09T00:00:00"}},
        Example{"0 0 * jan,JUL sun", "2026-01-25", {"2026-07-05T00:00:00"}},
        Example{"0 0 13 * 5",  // either the 13th or a Friday
                "2026-01-01",
                {"2026-01-02T00:00:00", "2026-01-09T00:00:00", "2026-01-13T00:00:00",
                 "2026-01-16T00:00:00"}},
        Example{"0 0 1-31 * 1",  // every day of the month restricts nothing
                "2026-01-01",
                {"2026-01-05T00:00:00", "2026-01-12T00:00:00"}},
        Example{"0 0 31 * *", "2026-01-31", {"2026-03-31T00:00:00", "2026-05-31T00:00:00"}},
        Example{"0 0 31 12 *", "2026-12-31", {"2027-12-31T00:00:00"}},
        Example{"0 0 29 2 *", "2026-01-01", {"2028-02-29T00:00:00", "2032-02-29T00:00:00"}},
        Example{"0 0 29 2 *", "2096-02-29", {"2104-02-29T00:00:00"}}));

INSTANTIATE_TEST_SUITE_P(
    Macros, CronExampleTest,
    testing::Values(Example{"@hourly", "2026-01-01T10:30", {"2026-01-01T11:00:00"}},
                    Example{"@daily", "2026-01-01T10:30", {"2026-01-02T00:00:00"}},
                    Example{"@midnight", "2026-01-01T10:30", {"2026-01-02T00:00:00"}},
                    Example{"@weekly", "2026-01-01T10:30", {"2026-01-04T00:00:00"}},
                    Example{"@monthly", "2026-01-01T10:30", {"2026-02-01T00:00:00"}},
                    Example{"@yearly", "2026-01-01T10:30", {"2027-01-01T00:00:00"}},
                    Example{"@annually", "2026-01-01T10:30", {"2027-01-01T00:00:00"}}));

TEST(ScheduleTest, ATimeOfDayRunsDailyInTheZone) {
  EXPECT_EQ(next_times("09:30", "Asia/Kathmandu", "2026-01-01T03:45Z", 2),
            (Times{"2026-01-02T03:45:00", "2026-01-03T03:45:00"}));
  EXPECT_EQ(next_time("00:00", "Pacific/Kiritimati", "2026-01-01T09:59Z"), "2026-01-01T10:00:00");
}

TEST(ScheduleTest, ADateRunsOnceAtItsLocalTime) {
  EXPECT_EQ(next_times("2026-07-01", "America/New_York", "2026-01-01", 2),
            (Times{"2026-07-01T04:00:00", "none"}));
  EXPECT_EQ(next_time("2026-07-01T09:30", "Europe/Berlin", "2026-01-01"), "2026-07-01T07:30:00");
  EXPECT_EQ(next_time("2026-07-01 09:30:15.5", "Europe/Berlin", "2026-01-01"),
            "2026-07-01T07:30:15");
}

TEST(ScheduleTest, ADateWithAnOffsetIgnoresTheZone) {
  EXPECT_EQ(next_time("2026-07-01T09:30Z", "Europe/Berlin", "2026-01-01"), "2026-07-01T09:30:00");
  EXPECT_EQ(next_time("2026-07-01T09:30-05:00", "Europe/Berlin", "2026-01-01"),
            "2026-07-01T14:30:00");
  EXPECT_EQ(next_time("2026-07-01T09:30:00+0530", "", "2026-01-01"), "2026-07-01T04:00:00");
}

TEST(ScheduleTest, APastDateHasNoNextTime) {
  EXPECT_EQ(next_time("2026-01-01", "", "2026-01-01"), "none") << "now is not after now";
  EXPECT_EQ(next_time("2020-01-01T00:00Z", "", "2026-01-01"), "none");
}

TEST(ScheduleTest, TheCalendarHasEnds) {
  const Schedule schedule = Schedule::parse("0 12 * * *").value();
  EXPECT_FALSE(schedule.next_after(TimePoint::max(), TimeZone::utc(), TimePoint{}));
  EXPECT_FALSE(schedule.next_after(TimePoint::min(), TimeZone::utc(), TimePoint{}));
  EXPECT_EQ(next_times("0 12 31 12 *", "", "9998-12-31T13:00Z", 2),
            (Times{"9999-12-31T12:00:00", "none"}));
}

}  // namespace
}  // namespace bellpull
