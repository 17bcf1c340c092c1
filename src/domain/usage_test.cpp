#include "domain/usage.h"

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

#include "base/time.h"

namespace bellpull {
namespace {

constexpr std::int64_t billion = 1'000'000'000;

TEST(UsageTest, AMillionTokensCostTheirPrice) {
  const Price price{.model = "m", .input = 2'500'000, .output = 10'000'000};
  EXPECT_EQ(cost_of(price, 1'000'000, 0, 0), 5 * billion / 2);
  EXPECT_EQ(cost_of(price, 0, 0, 1'000'000), 10 * billion);
  EXPECT_EQ(cost_of(price, 10, 0, 2), 25'000 + 20'000) << "millionths are not rounded away";
}

TEST(UsageTest, CachedInputHasItsOwnPriceOrThatOfAnyInput) {
  Price price{.model = "m", .input = 2'000'000, .cached_input = 500'000};
  EXPECT_EQ(cost_of(price, 1'000'000, 1'000'000, 0), billion / 2);
  price.cached_input.reset();
  EXPECT_EQ(cost_of(price, 1'000'000, 1'000'000, 0), 2 * billion);
}

TEST(UsageTest, CountsThatCannotBeAreNotBelieved) {
  const Price price{.model = "m", .input = max_price, .output = max_price};
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_GT(cost_of(price, most, most, most), 0);
  EXPECT_EQ(cost_of(price, -5, 7, -1), 0);
}

TEST(UsageTest, ADayIsOneOfUtc) {
  EXPECT_EQ(day_of(from_ms(86'399'999)), 0);
  EXPECT_EQ(day_of(from_ms(86'400'000)), 1);
  EXPECT_EQ(to_ms(start_of_day(1)), 86'400'000);
}

TEST(UsageTest, BuiltinModelsAreFree) {
  EXPECT_TRUE(is_free("builtin/demo"));
  EXPECT_FALSE(is_free("gpt-4o"));
}

}  // namespace
}  // namespace bellpull
