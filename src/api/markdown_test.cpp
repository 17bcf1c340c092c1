#include "api/markdown.h"

#include <gtest/gtest.h>

namespace bellpull {
namespace {

TEST(MarkdownTest, ATextCannotEndItsBlock) {
  EXPECT_EQ(fenced("plain", "text"), "```text\nplain\n```\n");
  EXPECT_EQ(fenced("a\n```\n# b\n", ""), "````\na\n```\n# b\n````\n");
  EXPECT_EQ(fenced("`````", "json"), "``````json\n`````\n``````\n");
  EXPECT_EQ(fenced("", ""), "```\n\n```\n");
}

TEST(MarkdownTest, ATextCannotEndItsSpanOrItsLine) {
  EXPECT_EQ(code_span("Orders"), "` Orders `");
  EXPECT_EQ(code_span("a`b"), "`` a`b ``");
  EXPECT_EQ(code_span("a\n# b"), "` a # b `");
}

}  // namespace
}  // namespace bellpull
