#include <chrono>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"

namespace bellpull {
namespace {

using SystemInfoTest = ApiTest;

TEST_F(SystemInfoTest, TellsTheVersionTheStoreTheLimitsAndForHowLongItRuns) {
  clock.advance(std::chrono::hours{1});
  const Reply info = get("/system/info");
  ASSERT_EQ(info.status, 200) << info.body;
  EXPECT_EQ(info.at("version"), "0");
  EXPECT_EQ(info.at("store"), "sqlite");
  EXPECT_EQ(info.at("startedAt"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(info.at("now"), "2026-01-01T01:00:00.000Z");
  EXPECT_GE(info.at("uptimeMs").as_int64(), 3'600'000);
  const json::object limits{{"jsonBytes", 10 * 1024 * 1024},
                            {"eventBytes", 1024 * 1024},
                            {"fileBytes", 10 * 1024 * 1024},
                            {"pageItems", 100}};
  EXPECT_EQ(info.at("limits"), limits);
  EXPECT_EQ(get_as("sk-unknown", "/system/info").status, 401);
}

}  // namespace
}  // namespace bellpull
