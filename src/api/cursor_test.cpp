#include "api/cursor.h"

#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace bellpull {
namespace {

TEST(CursorTest, BringsItsNumberBack) {
  for (const std::int64_t number : {std::int64_t{1}, std::int64_t{31}, std::int64_t{1} << 40,
                                    std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(from_cursor("bot", to_cursor("bot", number)), number);
  }
}

TEST(CursorTest, IsOfUseInItsOwnKindOfListOnly) {
  EXPECT_FALSE(from_cursor("message", to_cursor("bot", 7)));
}

TEST(CursorTest, RefusesWhatItDidNotMake) {
  for (const std::string text : {"", "0", "abc", "zzzzz", "00001", "not a cursor", "ABCD7"}) {
    EXPECT_FALSE(from_cursor("bot", text)) << text;
  }
  std::string changed = to_cursor("bot", 7);
  changed.back() = '8';
  EXPECT_FALSE(from_cursor("bot", changed));
  // Number 7 with a leading zero would be a second spelling.
  std::string padded = to_cursor("bot", 7);
  padded.insert(4, "0");
  EXPECT_FALSE(from_cursor("bot", padded));
}

}  // namespace
}  // namespace bellpull
