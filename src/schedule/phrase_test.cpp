// What a schedule is called, word for word; and that no two schedules share a name.
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "schedule/cron_expression.h"
#include "schedule/cron_field.h"
#include "schedule/cron_phrase.h"
#include "schedule/problem.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"

namespace bellpull {
namespace {

std::string phrase(const std::string& text, const char* zone = "Europe/Paris") {
  const auto schedule = Schedule::parse(text);
  if (!schedule) return schedule.error().message;
  return schedule->phrase(TimeZone::find(zone).value());
}

struct Example {
  const char* text;
  const char* phrase;  // without the zone
};

class CronPhraseTest : public testing::TestWithParam<Example> {};

TEST_P(CronPhraseTest, SaysWhenItRuns) {
  EXPECT_EQ(phrase(GetParam().text), std::string{GetParam().phrase} + ", Europe/Paris")
      << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Moments, CronPhraseTest,
    testing::Values(Example{"0 9 * * *", "Every day at 09:00"},
                    Example{"09:30", "Every day at 09:30"}, Example{"@daily", "Every day at 00:00"},
                    Example{"@midnight", "Every day at 00:00"},
                    Example{"0 9,17 * * *", "Every day at 09:00 and 17:00"},
                    Example{"15,45 8,20 * * *", "Every day at 08:15, 08:45, 20:15 and 20:45"},
                    Example{"30 5 9 * * *", "Every day at 09:05:30"},
                    Example{"0,30 0 9 * * *", "Every day at 09:00:00 and 09:00:30"},
                    Example{"0 1,2,4,8,16 * * *",
                            "Every day at 01:00, 02:00, 04:00, 08:00 and 16:00"},
                    Example{"0 */5 * * *", "Every 5 hours from 00:00 to 20:00"},
                    Example{"*/15 9 * * *", "Every day at 09:00, 09:15, 09:30 and 09:45"},
                    Example{"0 0 */12 * * *", "Every day at 00:00 and 12:00"}));

INSTANTIATE_TEST_SUITE_P(
    Rhythms, CronPhraseTest,
    testing::Values(Example{"* * * * *", "Every minute"},
                    Example{"*/15 * * * *", "Every 15 minutes"},
                    Example{"0,30 * * * *", "Every 30 minutes"}, Example{"0 * * * *", "Every hour"},
                    Example{"@hourly", "Every hour"},
                    Example{"30 * * * *", "At 30 minutes past every hour"},
                    Example{"1 * * * *", "At 1 minute past every hour"},
                    Example{"5,20 * * * *", "At 5 and 20 minutes past every hour"},
                    Example{"0-5,30 * * * *", "At 0 to 5 and 30 minutes past every hour"},
                    Example{"5-59/15 * * * *", "At 5, 20, 35 and 50 minutes past every hour"},
                    Example{"*/7 * * * *", "At every 7th minute from 0 to 56 of every hour"},
                    Example{"1-59/2 * * * *", "At every 2nd minute from 1 to 59 of every hour"},
                    Example{"0 */2 * * *", "Every 2 hours from 00:00 to 22:00"},
                    Example{"0 */8 * * *", "Every day at 00:00, 08:00 and 16:00"},
                    Example{"30 */2 * * *", "Every 2 hours from 00:30 to 22:30"},
                    Example{"0 1-23/2 * * *", "Every 2 hours from 01:00 to 23:00"},
                    Example{"0 9-17 * * *", "Every hour from 09:00 to 17:00"},
                    Example{"*/15 9-17 * * *", "Every 15 minutes from 09:00 to 17:45"},
                    Example{"* 9-17 * * *", "Every minute from 09:00 to 17:59"},
                    Example{"* 9 * * *", "Every minute from 09:00 to 09:59"},
                    Example{"*/7 9 * * *", "Every 7 minutes from 09:00 to 09:56"},
                    Example{"*/10 9,11,14 * * *", "Every 10 minutes in hours 9, 11 and 14"},
                    Example{"5,40 8-12,15,20 * * *",
                            "At 5 and 40 minutes past the hour in hours 8 to 12, 15 and 20"},
                    Example{"0 5 9-17 * * *", "Every hour from 09:05 to 17:05"},
                    Example{"10 5 9-17 * * *", "Every hour from 09:05:10 to 17:05:10"}));

INSTANTIATE_TEST_SUITE_P(
    Seconds, CronPhraseTest,
    testing::Values(
        Example{"* * * * * *", "Every second"}, Example{"*/30 * * * * *", "Every 30 seconds"},
        Example{"15 * * * * *", "At second 15 of every minute"},
        Example{"5,50 * * * * *", "At seconds 5 and 50 of every minute"},
        Example{"*/7 * * * * *", "At every 7th second from 0 to 56 of every minute"},
        Example{"15 30 * * * *", "At 30 minutes and 15 seconds past every hour"},
        Example{"15 */15 * * * *", "At second 15 of minutes 0, 15, 30 and 45 of every hour"},
        Example{"*/10 5 * * * *", "Every 10 seconds of minute 5 of every hour"},
        Example{"*/10 * 9-17 * * *", "Every 10 seconds from 09:00:00 to 17:59:50"},
        Example{"*/10 * 9,12,20 * * *", "Every 10 seconds of every minute in hours 9, 12 and 20"},
        Example{"3,9 1-20 9 * * *", "At seconds 3 and 9 of minutes 1 to 20 in hour 9"}));

INSTANTIATE_TEST_SUITE_P(
    Days, CronPhraseTest,
    testing::Values(
        Example{"0 9 * * mon-fri", "Every weekday at 09:00"},
        Example{"0 9 * * 1", "Every Monday at 09:00"},
        Example{"0 9 * * 7", "Every Sunday at 09:00"}, Example{"@weekly", "Every Sunday at 00:00"},
        Example{"0 9 * * 0,6", "Every Saturday and Sunday at 09:00"},
        Example{"0 9 * * 0-5", "Every day except Saturday at 09:00"},
        Example{"0 9 * * mon,wed,fri", "Every Monday, Wednesday and Friday at 09:00"},
        Example{"*/15 9-17 * * 1-5", "Every 15 minutes from 09:00 to 17:45 on weekdays"},
        Example{"0 * * * fri", "Every hour on Fridays"},
        Example{"0 * * * 1-6", "Every hour on every day except Sunday"},
        Example{"@monthly", "On the 1st of every month at 00:00"},
        Example{"0 9 1,15 * *", "On the 1st and 15th of every month at 09:00"},
        Example{"0 9 1-7 * *", "On the 1st to 7th of every month at 09:00"},
        Example{"0 9 31 * *", "On the 31st of every month that has one at 09:00"},
        Example{"0 9 30,31 * *", "On the 30th and 31st of every month (where they exist) at 09:00"},
        Example{
            "0 9 */2 * *",
            "On every 2nd day from the 1st to the 31st of every month (where they exist) at 09:00"},
        Example{"0 * 1 * *", "Every hour on the 1st of every month"},
        Example{"0 0 13 * 5", "On the 13th of every month and also every Friday at 00:00"},
        Example{"0 * 13 * 5", "Every hour on the 13th of every month and also on Fridays"},
        Example{"0 0 13 1 5", "On the 13th of January and also every Friday in January at 00:00"}));

INSTANTIATE_TEST_SUITE_P(
    Months, CronPhraseTest,
    testing::Values(
        Example{"@yearly", "On the 1st of January at 00:00"},
        Example{"0 0 29 2 *", "On the 29th of February in leap years at 00:00"},
        Example{"0 0 31 jan,mar *", "On the 31st of January and March at 00:00"},
        Example{"0 0 31 1-4 *", "On the 31st of January to April (where it exists) at 00:00"},
        Example{"0 0 31 2 mon", "Every Monday in February at 00:00"},
        Example{"0 0 28-31 2 *", "On the 28th and 29th of February (where they exist) at 00:00"},
        Example{"0 0 30,31 4 mon", "On the 30th of April and also every Monday in April at 00:00"},
        Example{"0 9 * 6-8 *", "Every day in June to August at 09:00"},
        Example{"0 9 * 12 mon", "Every Monday in December at 09:00"},
        Example{"*/5 * * 1,7 *", "Every 5 minutes in January and July"},
        Example{"*/5 * * 1 6", "Every 5 minutes on Saturdays in January"}));

TEST(PhraseTest, IntervalsAreToldByTheirRealLength) {
  const std::string ending = ", counted from when the schedule was set";
  const std::pair<const char*, const char*> cases[] = {
      {"quarterhourly", "Every 15 minutes"},
      {"halfhourly", "Every 30 minutes"},
      {"hourly", "Every hour"},
      {"twicedaily", "Every 12 hours"},
      {"daily", "Every 24 hours"},
      {"twiceweekly", "Every 3 days and 12 hours"},
      {"weekly", "Every 7 days"},
      {"twicemonthly", "Every 15 days and 5 hours"},
      {"monthly", "Every 30 days and 10 hours"}};
  for (const auto& [word, expected] : cases) EXPECT_EQ(phrase(word), expected + ending);
}

TEST(PhraseTest, OnceIsToldAsTheClockOfTheZoneShowsIt) {
  EXPECT_EQ(phrase("2026-07-01T09:30"), "Once, on Wednesday 1 July 2026 at 09:30, Europe/Paris");
  EXPECT_EQ(phrase("2026-07-01"), "Once, on Wednesday 1 July 2026 at 00:00, Europe/Paris");
  EXPECT_EQ(phrase("2026-07-01T09:30:15.5Z"),
            "Once, on Wednesday 1 July 2026 at 11:30:15.500, Europe/Paris");
  EXPECT_EQ(phrase("2026-03-29T02:30"),
            "Once, on Sunday 29 March 2026 at 03:00 (02:30 does not exist that day), Europe/Paris");
  EXPECT_EQ(phrase("2011-12-30T09:00", "Pacific/Apia"),
            "Once, on Saturday 31 December 2011 at 00:00 (30 December 2011 at 09:00 does not "
            "exist), Pacific/Apia");
  EXPECT_EQ(phrase("2026-07-01T09:30", ""), "Once, on Wednesday 1 July 2026 at 09:30, UTC");
}

TEST(PhraseTest, OnceSaysWhichOfTwoTimesThatTheClockShowsTheSame) {
  EXPECT_EQ(phrase("2026-10-25T02:30"),
            "Once, on Sunday 25 October 2026 at 02:30 (+02:00), Europe/Paris");
  EXPECT_EQ(phrase("2026-10-25T02:30+01:00"),
            "Once, on Sunday 25 October 2026 at 02:30 (+01:00), Europe/Paris");
  EXPECT_EQ(phrase("2026-10-25T03:00"), "Once, on Sunday 25 October 2026 at 03:00, Europe/Paris");
  EXPECT_EQ(phrase("2026-10-25T01:59:59"),
            "Once, on Sunday 25 October 2026 at 01:59:59, Europe/Paris");
}

TEST(PhraseTest, AnIntervalWithAStartIsCountedFromIt) {
  const auto schedule = Schedule::parse("hourly");
  EXPECT_EQ(
      schedule->phrase(TimeZone::find("Europe/Paris").value(), parse_iso("2026-07-01T07:30:00Z")),
      "Every hour, counted from Wednesday 1 July 2026 at 09:30, Europe/Paris");
}

TEST(PhraseTest, NeverIsSaid) {
  EXPECT_EQ(phrase("never"), "Never by itself");
  EXPECT_EQ(phrase(""), "Never by itself");
}

// Days of the month that none of its months has are not told, so they may differ.
void drop_days_that_never_come(std::array<std::uint64_t, cron_field_count>& values) {
  auto& days = values[static_cast<std::size_t>(CronField::day_of_month)];
  const std::uint64_t months = values[static_cast<std::size_t>(CronField::month)];
  constexpr std::uint64_t long_months = 0b1010110101010;
  constexpr std::uint64_t february = 0b100;
  if (days == all_values(CronField::day_of_month)) return;
  if ((months & long_months) == 0) days &= ~(std::uint64_t{1} << 31);
  if (months == february) days &= ~(std::uint64_t{1} << 30);
  if (days == 0) days = all_values(CronField::day_of_month);
}

// A phrase that leaves something out, or puts it wrongly, is soon shared by two schedules.
TEST(PhraseTest, NoTwoSetsOfTimesHaveTheSameWords) {
  struct Range {
    unsigned min;
    unsigned max;
  };
  constexpr std::array<Range, cron_field_count> ranges{
      {{0, 59}, {0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}}};
  using Values = std::array<std::uint64_t, cron_field_count>;
  SeededRandom random{20260102};
  const auto between = [&](unsigned min, unsigned max) {
    return min + static_cast<unsigned>(random.below(max - min + 1));
  };
  // Small numbers, so that schedules are near to each other.
  const auto field = [&](const Range& range) -> std::string {
    const unsigned low = between(range.min, range.min + 3);
    const unsigned high = between(low, range.max);
    switch (random.below(8)) {
      case 0:
        return std::to_string(low);
      case 1:
        return std::to_string(low) + "," + std::to_string(high);
      case 2:
        return std::to_string(low) + "-" + std::to_string(high);
      case 3:
        return "*/" + std::to_string(between(1, 6));
      case 4:
        return std::to_string(low) + "-" + std::to_string(high) + "/" +
               std::to_string(between(1, 6));
      default:
        return range.min == 0 && range.max == 59 && random.below(2) == 0 ? "0" : "*";
    }
  };
  std::map<std::string, std::pair<Values, std::string>> known;
  for (int i = 0; i < 60'000; ++i) {
    std::vector<std::string> texts;
    for (const Range& range : ranges) texts.push_back(field(range));
    std::string whole;
    std::vector<SchedulePart> parts;
    for (const std::string& text : texts) {
      parts.push_back({text, 0});
      whole += text + " ";
    }
    const auto cron = CronExpression::parse(parts);
    if (!cron) continue;
    Values values{};
    for (std::size_t each = 0; each < values.size(); ++each) {
      values[each] = cron->values(static_cast<CronField>(each));
    }
    drop_days_that_never_come(values);
    const auto [found, is_new] = known.try_emplace(cron_phrase(*cron), values, whole);
    ASSERT_TRUE(is_new || found->second.first == values)
        << found->first << ": both " << whole << "and " << found->second.second;
  }
  EXPECT_GT(known.size(), 20'000U);
}

}  // namespace
}  // namespace bellpull
