#include "sqlite/word_folding.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sqlite/database.h"

namespace bellpull {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> words(std::string_view text) {
  Database database{":memory:", OpenMode::create};
  const WordFolding folding{database};
  std::vector<std::string> found;
  folding.fold(text, [&](std::string_view word) { found.emplace_back(word); });
  return found;
}

TEST(WordFolding, CaseAndAccentsDoNotCount) {
  EXPECT_THAT(words("Caf\u00e9 CAFE cafe\u0301"), ElementsAre("cafe", "cafe", "cafe"));
  EXPECT_THAT(words("\u00c5ngstr\u00f6m"), ElementsAre("angstrom"));
}

TEST(WordFolding, EnglishEndingsDoNotCount) {
  EXPECT_EQ(words("refund refunds refunded refunding"), std::vector<std::string>(4, "refund"));
}

TEST(WordFolding, EverythingElseParts) {
  EXPECT_THAT(words("a-b_c.d/e'f\"g*h^i:j(k)l{m}n"), testing::SizeIs(14));
  EXPECT_THAT(words(" \t\n!?\"'*()-+:^{}[]~"), IsEmpty());
  EXPECT_THAT(words(""), IsEmpty());
}

TEST(WordFolding, IdeographsAndKanaAreWords) {
  EXPECT_THAT(words("\u8fd4\u54c1abc\u898f\u7d04"),
              ElementsAre("\u8fd4", "\u54c1", "abc", "\u898f", "\u7d04"));
  EXPECT_THAT(words("\u30ab\u30ca"), ElementsAre("\u30ab", "\u30ca"));
}

TEST(WordFolding, ALongWordIsCutBetweenCharacters) {
  const std::string accented = "x" + [] {
    std::string text;
    for (int i = 0; i < 60; ++i) text += "\u0431";  // two bytes each
    return text;
  }();
  const auto found = words(accented);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().size(), 63U);
  EXPECT_EQ(words(std::string(100'000, 'q')).front().size(), max_word_bytes);
}

}  // namespace
}  // namespace bellpull
