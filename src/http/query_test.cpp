#include "http/query.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "http/percent.h"

namespace bellpull {
namespace {

TEST(QueryTest, DecodesEscapesOnceAndPlusAsSpace) {
  const Query query{"contact.name=Ann+Lee&q=%2541%2B&empty&b=%C3%A9"};
  EXPECT_EQ(query.find("contact.name"), "Ann Lee");
  EXPECT_EQ(query.find("q"), "%41+");
  EXPECT_EQ(query.find("empty"), "");
  EXPECT_EQ(query.find("b"), "é");
  EXPECT_EQ(query.find("absent"), std::nullopt);
}

TEST(QueryTest, FirstOccurrenceCountsAndAllAreListed) {
  const Query query{"a=1&&a=2&b=x=y&"};
  EXPECT_EQ(query.find("a"), "1");
  EXPECT_EQ(query.find("b"), "x=y");
  ASSERT_EQ(query.pairs().size(), 3U);
  EXPECT_EQ(query.pairs()[1].value, "2");
}

TEST(QueryTest, EmptyQueryHasNoPairs) {
  const Query query{""};
  EXPECT_TRUE(query.pairs().empty());
}

TEST(QueryTest, WhatIsNoEscapeStaysAsItIs) {
  const Query query{"a=100%&b=%4&c=%4g%41&%zz=1&d=%%41&e=%ff"};
  EXPECT_EQ(query.find("a"), "100%");
  EXPECT_EQ(query.find("b"), "%4");
  EXPECT_EQ(query.find("c"), "%4gA");
  EXPECT_EQ(query.find("%zz"), "1");
  EXPECT_EQ(query.find("d"), "%A");
  EXPECT_EQ(query.find("e"), "\xff");
}

TEST(PercentTest, PlusIsItselfInAPath) {
  std::string out;
  ASSERT_TRUE(percent_decode("a+b%20c", PlusSign::is_plus, out));
  EXPECT_EQ(out, "a+b c");
}

TEST(PercentTest, SaysWhatIsNoEscape) {
  for (const char* text : {"%", "a%4", "%4g", "%zz"}) {
    std::string out;
    EXPECT_FALSE(percent_decode(text, PlusSign::is_plus, out)) << text;
    EXPECT_EQ(out, text);
  }
}

}  // namespace
}  // namespace bellpull
