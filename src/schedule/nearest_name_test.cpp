#include "schedule/nearest_name.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace bellpull {
namespace {

constexpr std::array<std::string_view, 4> names{"hourly", "daily", "weekly", "Europe/Berlin"};

TEST(NearestNameTest, AFewEditsAwayIsAFairGuess) {
  EXPECT_EQ(nearest_name("hourli", names), "hourly");
  EXPECT_EQ(nearest_name("dialy", names), "daily");
  EXPECT_EQ(nearest_name("Europe/Brlin", names), "Europe/Berlin");
}

TEST(NearestNameTest, LetterCaseIsNoEdit) { EXPECT_EQ(nearest_name("WEEKLY", names), "weekly"); }

TEST(NearestNameTest, AnythingFurtherIsNoGuess) {
  EXPECT_EQ(nearest_name("sometimes", names), std::nullopt);
  EXPECT_EQ(nearest_name("", names), std::nullopt);
  EXPECT_EQ(nearest_name(std::string(100'000, 'x'), names), std::nullopt);
}

}  // namespace
}  // namespace bellpull
