#include "schedule/fires.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/time.h"
#include "domain/trigger.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

struct Shown {
  std::vector<std::string> lines;
  std::string note;
};

Shown shown(const char* text, const char* zone_name, const char* after, std::size_t count) {
  const TimeZone zone = TimeZone::find(zone_name).value();
  const TimePoint from = parse_iso(after).value();
  Trigger trigger;
  trigger.schedule = text;
  trigger.timezone = zone_name;
  trigger.schedule_anchor = from;
  Shown result;
  const auto fires = next_fires(Timetable::of(trigger).value(), zone, from, count);
  for (const Fire& fire : fires) {
    result.lines.push_back(to_iso(fire.at) + " " + local_text(fire.local) +
                           offset_text(fire.offset));
  }
  result.note = clock_change_note(from, fires, zone);
  return result;
}

TEST(FiresTest, AreShownInTheClockOfTheZone) {
  EXPECT_EQ(shown("0 9 * * *", "Asia/Kathmandu", "2026-01-01", 2).lines,
            (std::vector<std::string>{"2026-01-01T03:15:00.000Z 2026-01-01T09:00:00+05:45",
                                      "2026-01-02T03:15:00.000Z 2026-01-02T09:00:00+05:45"}));
  EXPECT_EQ(shown("hourly", "America/St_Johns", "2026-01-01T00:00:00.25Z", 1).lines,
            (std::vector<std::string>{"2026-01-01T01:00:00.250Z 2025-12-31T21:30:00.250-03:30"}));
  EXPECT_EQ(offset_text(44min + 30s), "+00:44:30");
}

TEST(FiresTest, EndWhereTheScheduleDoes) {
  EXPECT_EQ(shown("2026-07-01", "UTC", "2026-01-01", 5).lines.size(), 1U);
  EXPECT_TRUE(shown("never", "UTC", "2026-01-01", 5).lines.empty());
}

TEST(FiresTest, ANoteTellsWhereTheClocksChangeBetweenThem) {
  EXPECT_EQ(shown("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00Z", 3).note,
            "The clocks go forward on 29 March 2026, from +01:00 to +02:00");
  EXPECT_EQ(
      shown("0 12 1 * *", "Europe/Berlin", "2026-01-15T00:00Z", 11).note,
      "The clocks go forward on 29 March 2026, from +01:00 to +02:00, then back on 25 October "
      "2026, from +02:00 to +01:00");
  EXPECT_EQ(shown("0 12 * * *", "Europe/Berlin", "2026-06-01", 5).note, "");
  EXPECT_EQ(shown("0 12 1 1,7 *", "Europe/Berlin", "2026-01-15T00:00Z", 9).note,
            "The clocks go forward on 29 March 2026, from +01:00 to +02:00, then back on 25 "
            "October 2026, from +02:00 to +01:00, and 7 times more");
  EXPECT_EQ(shown("0 12 1 7 *", "Europe/Berlin", "2026-01-15T00:00Z", 1).note,
            "The clocks go forward on 29 March 2026, from +01:00 to +02:00")
      << "before the first";
  EXPECT_EQ(shown("*/30 * * * *", "Australia/Lord_Howe", "2026-04-04T14:00Z", 5).note,
            "The clocks go back on 5 April 2026, from +11:00 to +10:30");
}

}  // namespace
}  // namespace bellpull
