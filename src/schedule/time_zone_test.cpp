#include "schedule/time_zone.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "base/result.h"
#include "base/time.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

TimePoint time_of(const char* text) {
  const auto time = parse_iso(text);
  EXPECT_TRUE(time) << text;
  return time.value_or(TimePoint{});
}

LocalTime local(const char* text) { return LocalTime{time_of(text).time_since_epoch()}; }

TimeZone zone(const char* name) { return TimeZone::find(name).value(); }

std::string instant(const char* zone_name, const char* local_time) {
  return to_iso(zone(zone_name).instant_of(local(local_time)));
}

TEST(TimeZoneTest, NoNameIsUtc) {
  EXPECT_EQ(zone("").name(), "UTC");
  EXPECT_EQ(zone("UTC").name(), "UTC");
  EXPECT_EQ(instant("", "2026-07-01T12:00"), "2026-07-01T12:00:00.000Z");
}

TEST(TimeZoneTest, LinksAreZonesLikeOthers) {
  EXPECT_EQ(zone("US/Pacific").name(), "US/Pacific");
  EXPECT_EQ(instant("US/Pacific", "2026-07-01T12:00"), "2026-07-01T19:00:00.000Z");
}

TEST(TimeZoneTest, UnknownNamesAreRefusedWithTheNearest) {
  struct Case {
    std::string name;
    std::string message;
    std::string hint;
  };
  const std::string general = "use an IANA name such as Europe/Berlin, or UTC";
  const Case cases[] = {
      {"Europe/Berlni", "timezone \"Europe/Berlni\" is not known", "did you mean Europe/Berlin?"},
      {"europe/berlin", "timezone \"europe/berlin\" is not known", "did you mean Europe/Berlin?"},
      {"Kolkata", "timezone \"Kolkata\" is not known", "did you mean Asia/Kolkata?"},
      {"PST", "timezone \"PST\" is not known", general},
      {"localtime", "timezone \"localtime\" is not known", general},
      {"../../../etc/passwd", "timezone \"../../../etc/passwd\" is not known", general},
      {"X\n1", "timezone \"X?1\" is not known", general},
      {std::string(1000, 'a'), "timezone \"" + std::string(40, 'a') + "...\" is not known",
       general},
  };
  for (const Case& expected : cases) {
    const auto found = TimeZone::find(expected.name);
    ASSERT_FALSE(found) << expected.name;
    EXPECT_EQ(found.error().code, ErrorCode::invalid);
    EXPECT_EQ(found.error().message, expected.message);
    EXPECT_EQ(found.error().hint, expected.hint) << expected.name;
  }
}

TEST(TimeZoneTest, ALocalTimeInAGapMeansTheFirstInstantAfterIt) {
  EXPECT_EQ(instant("Europe/Berlin", "2026-03-29T02:30"), "2026-03-29T01:00:00.000Z");
  EXPECT_EQ(instant("America/New_York", "2026-03-08T02:59:59"), "2026-03-08T07:00:00.000Z");
  EXPECT_EQ(instant("Australia/Lord_Howe", "2026-10-04T02:15"), "2026-10-03T15:30:00.000Z");
  EXPECT_EQ(instant("Pacific/Apia", "2011-12-30T12:00"), "2011-12-30T10:00:00.000Z")
      << "Samoa skipped the whole day";
}

TEST(TimeZoneTest, ALocalTimeInAFoldMeansItsFirstOccurrence) {
  EXPECT_EQ(instant("Europe/Berlin", "2026-10-25T02:30"), "2026-10-25T00:30:00.000Z");
  EXPECT_EQ(instant("America/New_York", "2026-11-01T01:00"), "2026-11-01T05:00:00.000Z");
  EXPECT_EQ(instant("Australia/Lord_Howe", "2026-04-05T01:45"), "2026-04-04T14:45:00.000Z");
}

TEST(TimeZoneTest, OddOffsetsAreExact) {
  EXPECT_EQ(instant("Asia/Kathmandu", "2026-01-01T00:00"), "2025-12-31T18:15:00.000Z");
  EXPECT_EQ(instant("Pacific/Chatham", "2026-07-01T12:00"), "2026-06-30T23:15:00.000Z");
  EXPECT_EQ(instant("Pacific/Kiritimati", "2026-01-01T00:00"), "2025-12-31T10:00:00.000Z");
  EXPECT_EQ(instant("Africa/Monrovia", "1970-01-01T00:00"), "1970-01-01T00:44:30.000Z");
}

TEST(TimeZoneTest, APeriodEndsWhereTheNextBegins) {
  const TimeZone berlin = zone("Europe/Berlin");
  const ZonePeriod summer = berlin.period_at(time_of("2026-07-01"));
  EXPECT_EQ(to_iso(summer.begin), "2026-03-29T01:00:00.000Z");
  EXPECT_EQ(to_iso(summer.end), "2026-10-25T01:00:00.000Z");
  EXPECT_EQ(summer.offset, 2h);
  EXPECT_EQ(berlin.period_at(summer.end).begin, summer.end);
  EXPECT_EQ(berlin.period_at(summer.end - 1ms).begin, summer.begin);
}

}  // namespace
}  // namespace bellpull
