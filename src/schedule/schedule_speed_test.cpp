// The work of next_after() is bounded: no schedule and no instant makes it search for long.
#include <array>
#include <chrono>
#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "base/time.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

constexpr int count = 10'000;

// Many times what it takes without optimisation (0.24 s for the slowest on one core of 2026), and
// far less than any search second by second.
constexpr auto limit = 3s;

class ScheduleSpeedTest : public testing::TestWithParam<const char*> {};

TEST_P(ScheduleSpeedTest, TenThousandTimesTakeNoTime) {
  const Schedule schedule = Schedule::parse(GetParam()).value();
  const TimeZone zone = TimeZone::find("Africa/Casablanca").value();  // changes four times a year
  const TimePoint first = from_ms(1'767'225'600'000);
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) {
    // From all over a century: what was found before is of no use.
    const TimePoint after = first + i * 87h + i * 1s;
    const auto next = schedule.next_after(after, zone, first);
    ASSERT_TRUE(!next || *next > after);
  }
  const auto took = std::chrono::steady_clock::now() - begun;
  RecordProperty("ms", std::to_string(took / 1ms));
  EXPECT_LT(took, limit);
}

INSTANTIATE_TEST_SUITE_P(Worst, ScheduleSpeedTest,
                         testing::Values("* * * * * *", "*/5 * * * *", "0 9 * * mon-fri",
                                         "0 0 29 2 *", "* * 29 2 *", "59 59 23 29 2 *",
                                         "0 0 31 12 *", "0 2 29 2 7", "09:30", "monthly",
                                         "2026-07-01T09:30"));

}  // namespace
}  // namespace bellpull
