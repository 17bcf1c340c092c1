#include "base/text.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace bellpull {
namespace {

TEST(TextTest, BytesThatAreNoCharacterAreReplacedAndTheOthersKept) {
  EXPECT_EQ(valid_text("caf\u00E9 \U0001F44B"), "caf\u00E9 \U0001F44B");
  EXPECT_EQ(valid_text("\u00E9\xFF\xFE\u00E9"), "\u00E9\uFFFD\uFFFD\u00E9");
  EXPECT_EQ(valid_text("a\xC3"), "a\uFFFD");
  EXPECT_EQ(valid_text("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "half a pair of UTF-16";
}

TEST(TextTest, ACutIsNeverWithinACharacter) {
  EXPECT_EQ(cut_at_character("a\u00E9b", 4), "a\u00E9b");
  EXPECT_EQ(cut_at_character("a\u00E9b", 3), "a\u00E9");
  EXPECT_EQ(cut_at_character("a\u00E9b", 2), "a");
  EXPECT_EQ(cut_at_character("\U0001F44B", 3), "");
}

TEST(TextTest, BlanksAroundATextAreDropped) {
  EXPECT_EQ(trim(" \t\r\na b\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(lower("Content-TYPE \u00C9"), "content-type \u00C9");
}

}  // namespace
}  // namespace bellpull
