#include "api/log_pace.h"

#include <chrono>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "domain/ids.h"

namespace bellpull {
namespace {

TEST(LogPaceTest, TakesOneAMinuteOfEachDatasetAndToken) {
  TestClock clock;
  LogPace pace{clock};
  EXPECT_TRUE(pace.takes(DatasetKey{1}, TokenKey{1}));
  EXPECT_FALSE(pace.takes(DatasetKey{1}, TokenKey{1}));
  EXPECT_TRUE(pace.takes(DatasetKey{2}, TokenKey{1}));
  EXPECT_TRUE(pace.takes(DatasetKey{1}, TokenKey{2}));
  clock.advance(std::chrono::minutes{1});
  EXPECT_TRUE(pace.takes(DatasetKey{1}, TokenKey{1}));
}

TEST(LogPaceTest, ItsMemoryIsBounded) {
  TestClock clock;
  LogPace pace{clock};
  for (int i = 0; i < 50'000; ++i) pace.takes(DatasetKey{i}, TokenKey{1});
  EXPECT_LE(pace.size(), 16'384U);
}

using DatasetSearchLogTest = ApiTest;

TEST_F(DatasetSearchLogTest, ManySearchesLeaveOneEntryAMinute) {
  const std::string dataset = post("/dataset/create").id();
  const auto search = [&] {
    EXPECT_EQ(post("/dataset/" + dataset + "/search", {{"search", "x"}}).status, 200);
  };
  const auto logged = [&] { return get("/event/log/list?type=dataset.search").items().size(); };
  for (int i = 0; i < 5; ++i) search();
  EXPECT_EQ(logged(), 1U);
  clock.advance(std::chrono::minutes{1});
  search();
  EXPECT_EQ(logged(), 2U);
}

}  // namespace
}  // namespace bellpull
