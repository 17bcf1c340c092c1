#include "schedule/due_times.h"

#include <cstdint>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {
namespace {

TriggerKey key(std::int64_t value) { return TriggerKey{value}; }

TEST(DueTimes, GivesWhatIsDueTheEarliestFirst) {
  DueTimes times;
  times.set(key(1), from_ms(300));
  times.set(key(2), from_ms(100));
  times.set(key(3), from_ms(200));
  EXPECT_EQ(times.earliest(), from_ms(100));
  EXPECT_EQ(times.take_due(from_ms(200), 10), (std::vector{key(2), key(3)}));
  EXPECT_EQ(times.take_due(from_ms(200), 10), std::vector<TriggerKey>{});
  EXPECT_EQ(times.size(), 1);
}

TEST(DueTimes, GivesNoMoreThanAskedFor) {
  DueTimes times;
  for (int i = 1; i <= 5; ++i) times.set(key(i), from_ms(i));
  EXPECT_EQ(times.take_due(from_ms(9), 2), (std::vector{key(1), key(2)}));
  EXPECT_EQ(times.earliest(), from_ms(3));
}

TEST(DueTimes, OnlyTheLastTimeOfATriggerCounts) {
  DueTimes times;
  times.set(key(1), from_ms(100));
  times.set(key(1), from_ms(500));
  EXPECT_EQ(times.take_due(from_ms(400), 10), std::vector<TriggerKey>{});
  times.set(key(1), from_ms(50));
  EXPECT_EQ(times.take_due(from_ms(600), 10), std::vector{key(1)}) << "and only once";
}

TEST(DueTimes, ARemovedTriggerIsNotDue) {
  DueTimes times;
  times.set(key(1), from_ms(100));
  times.remove(key(1));
  EXPECT_EQ(times.earliest(), std::nullopt);
  EXPECT_FALSE(times.has(key(1)));
}

TEST(DueTimes, ManyChangesOfFewTriggersStayFew) {
  DueTimes times;
  for (int i = 0; i < 100'000; ++i) times.set(key(i % 3), from_ms(1'000'000 - i));
  EXPECT_EQ(times.take_due(from_ms(1'000'000), 10).size(), 3);
}

}  // namespace
}  // namespace bellpull
