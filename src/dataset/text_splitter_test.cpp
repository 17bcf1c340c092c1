#include "dataset/text_splitter.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"

namespace bellpull {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(TextSplitter, ShortNeighboursStayTogether) {
  EXPECT_THAT(split_text("one\n\ntwo\n\nthree", 10, {}), ElementsAre("one\n\ntwo", "three"));
  EXPECT_THAT(split_text(" all of it ", 100, {}), ElementsAre("all of it"));
  EXPECT_THAT(split_text(" \n\t ", 100, {}), IsEmpty());
}

TEST(TextSplitter, PartsWhereItHurtsLeast) {
  EXPECT_THAT(split_text("a b\nc d. e f", 8, {}), ElementsAre("a b", "c d. e f"));
  EXPECT_THAT(split_text("One is. Two is too.", 16, {}), ElementsAre("One is.", "Two is too."));
  EXPECT_THAT(split_text("pear one\n\npear two", 8, {}), ElementsAre("pear one", "pear two"));
  EXPECT_THAT(split_text("abcdefghij", 4, {}), ElementsAre("abcd", "efgh", "ij"));
}

TEST(TextSplitter, NeverPartsACharacter) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "\xe2\x82\xac";
  std::string joined;
  for (const std::string_view piece : split_text(text, 10, {})) {
    EXPECT_TRUE(is_utf8(piece));
    EXPECT_LE(piece.size(), 10U);
    joined += piece;
  }
  EXPECT_EQ(joined, text);
}

TEST(TextSplitter, NamedSeparatorsPartEverywhere) {
  EXPECT_THAT(split_text("one---two\n---three", 100, {"---"}), ElementsAre("one", "two", "three"));
  EXPECT_THAT(split_text("a|b;c", 100, {"|", ";"}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split_text("a b c d---e", 4, {"---"}), ElementsAre("a b", "c d", "e"));
}

TEST(TextSplitter, SeparatorsAreLinesWithEscapes) {
  EXPECT_THAT(parse_separators("---\n\\n\\n\n\\t\n\\\\n"), ElementsAre("---", "\n\n", "\t", "\\n"));
  EXPECT_THAT(parse_separators("\n\n"), IsEmpty());
}

}  // namespace
}  // namespace bellpull
