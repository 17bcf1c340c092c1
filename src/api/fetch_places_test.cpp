#include "api/fetch_places.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "domain/ids.h"

namespace bellpull {
namespace {

TEST(FetchPlacesTest, AnAccountHasTwoAndTheServerEight) {
  FetchPlaces places;
  std::vector<FetchPlaces::Place> taken;
  const auto take = [&](std::int64_t account) {
    std::optional<FetchPlaces::Place> place = places.take(AccountKey{account});
    if (place) taken.push_back(std::move(*place));
    return place.has_value();
  };
  for (std::int64_t account = 1; account <= 4; ++account) {
    EXPECT_TRUE(take(account));
    EXPECT_TRUE(take(account));
    EXPECT_FALSE(take(account)) << "it has its two";
  }
  EXPECT_EQ(taken.size(), FetchPlaces::of_server);
  EXPECT_FALSE(take(5)) << "the server has no more";
  taken.pop_back();
  EXPECT_TRUE(take(5));
  EXPECT_FALSE(take(4));
  taken.clear();
  EXPECT_TRUE(take(4));
}

}  // namespace
}  // namespace bellpull
