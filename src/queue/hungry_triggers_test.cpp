#include "queue/hungry_triggers.h"

#include <cstdint>

#include <gtest/gtest.h>

#include "domain/ids.h"

namespace bellpull {
namespace {

TEST(HungryTriggersTest, StarvingOnesComeFirstInTheOrderOfTheirHunger) {
  HungryTriggers hungry;
  for (std::int64_t key = 1; key <= 4; ++key) hungry.add(TriggerKey{key});
  EXPECT_FALSE(hungry.take_starving());
  hungry.starve(TriggerKey{4});
  hungry.starve(TriggerKey{2});
  hungry.starve(TriggerKey{4});
  hungry.starve(TriggerKey{9});  // not here
  EXPECT_EQ(hungry.take_starving(), TriggerKey{4});
  EXPECT_EQ(hungry.take(), TriggerKey{2});
  EXPECT_FALSE(hungry.take_starving());
  EXPECT_EQ(hungry.take(), TriggerKey{1});
  hungry.add(TriggerKey{1});
  EXPECT_EQ(hungry.take(), TriggerKey{3});
  EXPECT_EQ(hungry.take(), TriggerKey{1});
  EXPECT_FALSE(hungry.take());
}

}  // namespace
}  // namespace bellpull
