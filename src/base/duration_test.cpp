#include "base/duration.h"

#include <chrono>
#include <optional>

#include <gtest/gtest.h>

namespace bellpull {
namespace {

using namespace std::chrono_literals;

TEST(DurationTest, LettersAndWordsAreUnits) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("0s"), 0ms);
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("7d"), 168h);
  EXPECT_EQ(parse_duration("1 minute"), 1min);
  EXPECT_EQ(parse_duration("30 minutes"), 30min);
  EXPECT_EQ(parse_duration("2days"), 48h);
}

TEST(DurationTest, WhatIsNoneIsRefused) {
  for (const auto* text : {"", "s", "5", "5 ", "-1s", "1.5h", "5x", "1h30m", "1 m s", "minutes",
                           "1000000001ms", "99999999999999999999s", "5ss", "5 mss"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace bellpull
