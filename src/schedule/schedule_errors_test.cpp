// What a refused schedule says, word for word: people and the dashboard read it.
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/result.h"
#include "schedule/problem.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"

namespace bellpull {
namespace {

struct Refusal {
  std::string text;
  std::string problem;
  std::string part;  // of the text; what an editor underlines
  std::string hint;
};

void expect_refused(const Refusal& expected) {
  const auto parsed = Schedule::parse(expected.text);
  ASSERT_FALSE(parsed) << expected.text;
  EXPECT_EQ(parsed.error().code, ErrorCode::invalid);
  EXPECT_EQ(parsed.error().message, "schedule is not valid: " + expected.problem) << expected.text;
  EXPECT_EQ(parsed.error().hint, expected.hint) << expected.text;

  const auto read = Schedule::read(expected.text);
  ASSERT_FALSE(read);
  const ScheduleProblem& first = read.error().front();
  EXPECT_EQ(expected.text.substr(first.position, first.length), expected.part) << expected.text;
}

const std::string general_hint =
    "use a word such as hourly, a cron expression such as \"0 9 * * mon-fri\", a time such as "
    "09:30 or a date such as 2026-01-31T09:30";

TEST(ScheduleErrorsTest, ValuesOutsideTheirFieldAreNamed) {
  expect_refused({"61 * * * *", "minute 61 is out of range 0-59", "61"});
  expect_refused({"0 25 * * *", "hour 25 is out of range 0-23", "25"});
  expect_refused({"0 0 0 * *", "day-of-month 0 is out of range 1-31", "0"});
  expect_refused({"0 0 32 * *", "day-of-month 32 is out of range 1-31", "32"});
  expect_refused({"0 0 1 13 *", "month 13 is out of range 1-12", "13"});
  expect_refused({"0 0 * * 8", "day-of-week 8 is out of range 0-7", "8"});
  expect_refused({"60 0 0 * * *", "second 60 is out of range 0-59", "60"});
  expect_refused({"0,5,61,7 * * * *", "minute 61 is out of range 0-59", "61"});
  expect_refused({"  10-70 * * * *", "minute 70 is out of range 0-59", "70"});
  expect_refused({"99999999999999999999 * * * *",
                  "minute \"99999999999999999999\" is out of range 0-59", "99999999999999999999"});
}

TEST(ScheduleErrorsTest, SeveralProblemsAreToldAtOnce) {
  expect_refused(
      {"61 25 * * *", "minute 61 is out of range 0-59, hour 25 is out of range 0-23", "61"});
  expect_refused(
      {"0,60,70 * * january monday",
       "minute 60 is out of range 0-59, minute 70 is out of range 0-59, month \"january\" is "
       "neither a number nor a name (jan-dec), day-of-week \"monday\" is neither a number "
       "nor a name (sun-sat)",
       "60", "did you mean jan?; did you mean mon?"});
  expect_refused({"2026-13-40T25:00",
                  "month 13 is out of range 1-12, day 40 is out of range 1-31, hour 25 is out of "
                  "range 0-23",
                  "13"});
  expect_refused({"24:60", "hour 24 is out of range 0-23, minute 60 is out of range 0-59", "24"});

  const auto refused = Schedule::read("61 25 * * 9");
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().size(), 3U);
  EXPECT_EQ(refused.error()[1].position, 3U);
  EXPECT_EQ(refused.error()[2].position, 10U);
  EXPECT_EQ(Schedule::read("a,b,c,d,e,f,g * * * *").error().size(), max_schedule_problems)
      << "enough is enough";
}

TEST(ScheduleErrorsTest, StepsThatMeanNothingAreNamed) {
  const std::string hint = "a step starts anew with each turn of its field; use a list of times";
  const std::string of_minutes =
      "a step starts anew with each hour; every hour is 0 * * * *, every 2 hours 0 */2 * * *";
  expect_refused({"*/0 * * * *", "minute step 0 is out of range 1-60", "0"});
  expect_refused({"*/90 * * * *", "minute step 90 is out of range 1-60", "90", of_minutes});
  expect_refused({"*/120 * * * *", "minute step 120 is out of range 1-60", "120",
                  "every 2 hours is 0 */2 * * *"});
  expect_refused({"0 */48 * * *", "hour step 48 is out of range 1-24", "48", hint});
  expect_refused({"*/ * * * *", "minute step \"\" is not a number", ""});
  expect_refused({"*/5/5 * * * *", "minute step \"5/5\" is not a number", "5/5"});
  expect_refused({"*/" + std::string(100, '9') + " * * * *",
                  "minute step \"" + std::string(40, '9') + "...\" is out of range 1-60",
                  std::string(100, '9'), of_minutes});
}

TEST(ScheduleErrorsTest, ListsAndRangesThatMeanNothingAreNamed) {
  expect_refused({"1,,2 * * * *", "minute has an empty item", ""});
  expect_refused({"1, * * * *", "minute has an empty item", ""});
  expect_refused({"-5 * * * *", "minute range -5 has no first value", "-5", "write 0-5"});
  expect_refused({"5-/2 * * * *", "minute range 5- has no last value", "5-", "write 5-59"});
  expect_refused({"- * * * *", "minute range - has no first value", "-"});
  expect_refused({"0 22-6 * * *", "hour range 22-6 runs backwards", "22-6", "write 22-23,0-6"});
  expect_refused({"0 22-6/2 * * *", "hour range 22-6 runs backwards", "22-6/2", "write 22,0-6/2"});
  expect_refused(
      {"0 20-6/3 * * *", "hour range 20-6 runs backwards", "20-6/3", "write 20-23/3,2-6/3"});
  expect_refused({"0 22-1/12 * * *", "hour range 22-1 runs backwards", "22-1/12", "write 22"});
  expect_refused({"0 0 * nov-feb *", "month range nov-feb runs backwards", "nov-feb",
                  "write nov-dec,jan-feb"});
  expect_refused({"0 0 * * fri-mon", "day-of-week range fri-mon runs backwards", "fri-mon",
                  "write fri-sat,sun-mon"});
  expect_refused({"0 0 * * 7-3", "day-of-week range 7-3 runs backwards", "7-3", "write 0-3"});
}

TEST(ScheduleErrorsTest, WordsThatAreNoNamesAreNamed) {
  expect_refused({"x * * * *", "minute \"x\" is not a number", "x"});
  expect_refused({"0 0 * january *", "month \"january\" is neither a number nor a name (jan-dec)",
                  "january", "did you mean jan?"});
  expect_refused(
      {"0 0 * * mno", "day-of-week \"mno\" is neither a number nor a name (sun-sat)", "mno"});
  expect_refused(
      {"0 0 * * xyzzy", "day-of-week \"xyzzy\" is neither a number nor a name (sun-sat)", "xyzzy"});
}

TEST(ScheduleErrorsTest, WhatOtherCronsHaveIsAnsweredWithWhatThereIs) {
  const std::string no_name = " is neither a number nor a name (sun-sat)";
  expect_refused({"0 0 ? * *", "day-of-month \"?\" is not a number", "?", "write *"});
  expect_refused({"0 0 12 * * ?", "day-of-week \"?\"" + no_name, "?", "write *"});
  expect_refused(
      {"0 9 1 ? *", "month \"?\" is neither a number nor a name (jan-dec)", "?", "write *"});
  expect_refused({"0 0 L * *", "day-of-month \"L\" is not a number", "L",
                  "the last day of a month can't be named; the first of the next can, 1, or the "
                  "last days, 28-31"});
  expect_refused({"0 0 15W * *", "day-of-month \"15W\" is not a number", "15W",
                  "the weekday nearest to a date can't be named; all weekdays can, mon-fri in "
                  "day-of-week"});
  expect_refused({"0 9 * * fri#2", "day-of-week \"fri#2\"" + no_name, "fri#2",
                  "#2 can't choose a week of the month here; every week can be had: fri"});
  expect_refused({"0 9 * * friL", "day-of-week \"friL\"" + no_name, "friL",
                  "L can't choose a week of the month here; every week can be had: fri"});
  expect_refused({"0 9 * APRIL *", "month \"APRIL\" is neither a number nor a name (jan-dec)",
                  "APRIL", "did you mean apr?"});
}

TEST(ScheduleErrorsTest, DaysThatNeverComeAreRefused) {
  const std::string problem = "it never runs: no month that it names has such a day-of-month";
  expect_refused({"0 0 30 2 *", problem, "30", "use a day up to 29"});
  expect_refused({"0 0 31 4,6,9,11 *", problem, "31", "use a day up to 30"});
  EXPECT_TRUE(Schedule::parse("0 0 30 2 mon")) << "it runs on Mondays";
}

TEST(ScheduleErrorsTest, AWrongNumberOfFieldsIsNamed) {
  const std::string need =
      "and a cron expression 5 (minute hour day-of-month month day-of-week) or 6 (with the second "
      "first)";
  expect_refused({"0 0 * *", "it has 4 fields, " + need, "0 0 * *"});
  expect_refused({"* * * * * * *", "it has 7 fields, " + need, "* * * * * * *",
                  "the year is not part of it: leave out \"*\""});
}

TEST(ScheduleErrorsTest, MisspeltWordsGetASuggestion) {
  const auto unknown = [](const std::string& text) {
    return "\"" + text + "\" is not an interval word, cron expression, time or date";
  };
  expect_refused({"hourli", unknown("hourli"), "hourli", "did you mean hourly?"});
  expect_refused({"Daily", unknown("Daily"), "Daily", "did you mean daily?"});
  expect_refused({"yearly", unknown("yearly"), "yearly", "did you mean @yearly?"});
  expect_refused({"@dayly", "\"@dayly\" is not a known macro", "@dayly", "did you mean @daily?"});
  expect_refused({"@reboot", "\"@reboot\" is not a known macro", "@reboot", general_hint});
  expect_refused({" every day ", unknown("every day"), "every day", general_hint});
  expect_refused({"1735689600", unknown("1735689600"), "1735689600", general_hint});
}

TEST(ScheduleErrorsTest, TimesOfDayAreHoursAndMinutes) {
  expect_refused({"24:00", "hour 24 is out of range 0-23", "24"});
  expect_refused({"09:60", "minute 60 is out of range 0-59", "60"});
  expect_refused({"9:30", "\"9:30\" is not a time of day (HH:MM)", "9:30", "write 09:30"});
  expect_refused(
      {"09:30:00", "\"09:30:00\" is not a time of day (HH:MM)", "09:30:00", "write 09:30"});
  expect_refused(
      {"9:05:30", "\"9:05:30\" is not a time of day (HH:MM)", "9:05:30", "write 30 5 9 * * *"});
  for (const std::string text : {":::::", "443:0", "1:::", ":", "12:::::9", "1:234:"}) {
    expect_refused({text, fmt::format("\"{}\" is not a time of day (HH:MM)", text), text});
  }
}

TEST(ScheduleErrorsTest, DatesNameThePartThatIsWrong) {
  const std::string hint =
      "use a form such as 2026-01-31, 2026-01-31T09:30 or 2026-01-31T09:30:00+02:00";
  expect_refused({"2026-13-01", "month 13 is out of range 1-12", "13"});
  expect_refused({"2026-02-30", "day 30 is out of range 1-28", "30"});
  expect_refused({"2026-02-01T24:00", "hour 24 is out of range 0-23", "24"});
  expect_refused({"2026-02-01 10:61", "minute 61 is out of range 0-59", "61"});
  expect_refused({"2026-02-01T10:00:99", "second 99 is out of range 0-59", "99"});
  expect_refused({"2026-02-01T10:00+99:00", "\"2026-02-01T10:00+99:00\" is not an ISO 8601 date",
                  "2026-02-01T10:00+99:00", hint});
  expect_refused({"2026-1-1", "\"2026-1-1\" is not an ISO 8601 date", "2026-1-1", hint});
  expect_refused(
      {"2026-01-01T9", "\"2026-01-01T9\" is not an ISO 8601 date", "2026-01-01T9", hint});
}

TEST(ScheduleErrorsTest, LongAndForeignTextStaysShortAndPrintable) {
  expect_refused({"   ", "it is only white space", "   "});
  const std::string long_text(257, '*');
  expect_refused({long_text, "it is longer than 256 bytes", long_text});
  const std::string umlauts = "aääääääääääääääääääääääääääääääääää";
  const auto refused = Schedule::parse(umlauts);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "schedule is not valid: \"" + umlauts.substr(0, 39) +
                "...\" is not an interval word, cron expression, time or date");
}

// Who does what a hint says has a schedule.
TEST(ScheduleErrorsTest, WhatAHintSaysToWriteCanBeRead) {
  SeededRandom random{20260103};
  constexpr std::string_view pieces[] = {"?",   "7-3",     "22-6", "22-6/2", "nov-feb", "fri-mon/2",
                                         "-5",  "5-",      "*",    "1",      "sat-2",   "11-feb/3",
                                         "5/2", "fri-wed", "30-1", "-5/3",   "0",       "59-0/7"};
  int tried = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t fields = 5 + random.below(2);
    const std::uint64_t wrong = random.below(fields);
    std::string text;
    for (std::uint64_t field = 0; field < fields; ++field) {
      text += field == wrong ? pieces[random.below(std::size(pieces))] : "*";
      text += " ";
    }
    const auto read = Schedule::read(text);
    if (read || read.error().size() > 1) continue;
    const ScheduleProblem& problem = read.error().front();
    if (!problem.hint.starts_with("write ")) continue;
    ++tried;
    std::string mended = text;
    mended.replace(problem.position, problem.length, problem.hint.substr(6));
    const auto again = Schedule::read(mended);
    // What remains can only be that days never come, which no single field is to blame for.
    ASSERT_TRUE(again || again.error().front().message.starts_with("it never runs"))
        << text << ": " << mended;
  }
  EXPECT_GT(tried, 100);
  for (const std::string text : {"9:30", "09:30:00", "9:30:15", "00:00:01"}) {
    const auto read = Schedule::read(text);
    ASSERT_FALSE(read);
    EXPECT_TRUE(Schedule::read(read.error().front().hint.substr(6))) << text;
  }
}

TEST(ScheduleErrorsTest, AHintForARangeNamesTheValuesThatWereMeant) {
  for (unsigned first = 1; first < 24; ++first) {
    for (unsigned last = 0; last < first; ++last) {
      for (unsigned step = 1; step <= 24; ++step) {
        std::string meant;
        for (unsigned at = first; at <= last + 24; at += step) {
          meant += (meant.empty() ? "" : ",") + std::to_string(at % 24);
        }
        const std::string item = fmt::format("{}-{}/{}", first, last, step);
        const auto read = Schedule::read("0 " + item + " * * *");
        ASSERT_FALSE(read);
        const std::string hint = read.error().front().hint.substr(6);
        EXPECT_EQ(Schedule::read("0 " + hint + " * * *")->phrase(TimeZone::utc()),
                  Schedule::read("0 " + meant + " * * *")->phrase(TimeZone::utc()))
            << item << ": " << hint;
      }
    }
  }
}

TEST(ScheduleErrorsTest, AnyTextIsReadOrRefusedWithAPlaceInsideIt) {
  SeededRandom random{20260101};
  constexpr std::string_view letters = "0123456789*,-/ :@TZ+.?LW#jandecmonsuhrly\t\xc3\xa4";
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random.below(24), ' ');
    for (char& letter : text) letter = letters[random.below(letters.size())];
    const auto read = Schedule::read(text);
    if (read) continue;
    ++refused;
    ASSERT_FALSE(read.error().empty()) << text;
    ASSERT_LE(read.error().size(), max_schedule_problems) << text;
    for (const ScheduleProblem& problem : read.error()) {
      ASSERT_LE(problem.position + problem.length, text.size()) << text;
      ASSERT_FALSE(problem.message.empty()) << text;
    }
  }
  EXPECT_GT(refused, 10'000);
}

}  // namespace
}  // namespace bellpull
