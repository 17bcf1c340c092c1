#include "schedule/firing.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/time.h"
#include "domain/trigger.h"

namespace bellpull {
namespace {

Firing firing(std::size_t occurrences, std::size_t body_bytes = 0) {
  Firing one;
  one.plan.fire.resize(occurrences);
  if (body_bytes > 0) one.trigger.schedule_body = std::string(body_bytes, 'x');
  return one;
}

TEST(Firing, ATransactionKeepsABoundedNumberOfOccurrences) {
  EXPECT_EQ(count_kept_together(std::vector<Firing>(32, firing(1))), 32);
  EXPECT_EQ(count_kept_together(std::vector<Firing>(32, firing(16))), 4);
  EXPECT_EQ(count_kept_together(std::vector<Firing>(100, firing(0))), 64) << "each moves on";
  EXPECT_EQ(count_kept_together(std::vector<Firing>(2, firing(100))), 1) << "at least one";
}

TEST(Firing, ATransactionKeepsABoundedNumberOfBytes) {
  constexpr std::size_t largest = 65'536;
  EXPECT_EQ(count_kept_together(std::vector<Firing>(32, firing(1, largest))), 16);
  EXPECT_EQ(count_kept_together(std::vector<Firing>(32, firing(16, largest))), 1);
}

TEST(Firing, OfWhatTheServerCouldHaveFiredNothingIsMissed) {
  ScheduledTrigger read;
  read.trigger.schedule = "* * * * *";
  read.trigger.schedule_catch_up = CatchUp::none;
  const TimePoint due = parse_iso("2027-01-15T08:00:00Z").value();
  read.trigger.next_due_at = read.trigger.next_trigger_at = due;
  const TimePoint now = due + std::chrono::minutes{30};
  const Firing busy = decide_firing(read, due, now, 16);
  EXPECT_EQ(busy.plan.missed.count, 0);
  ASSERT_FALSE(busy.plan.fire.empty());
  EXPECT_EQ(busy.plan.fire[0].due, due);
  const Firing away = decide_firing(read, now, now, 16);
  EXPECT_EQ(away.plan.missed.count, 29);
  EXPECT_EQ(away.plan.fire.size(), 2) << "of the last minute";
}

}  // namespace
}  // namespace bellpull
