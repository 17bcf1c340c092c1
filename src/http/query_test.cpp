#include "http/query.h"

#include <string>

#include <gtest/gtest.h>

#include "http/percent.h"

namespace bellpull {
namespace {

TEST(QueryTest, DecodesEscapesOnceAndPlusAsSpace) {
  const auto query = Query::parse("contact.name=Ann+Lee&q=%2541%2B&empty&b=%C3%A9");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->find("contact.name"), "Ann Lee");
  EXPECT_EQ(query->find("q"), "%41+");
  EXPECT_EQ(query->find("empty"), "");
  EXPECT_EQ(query->find("b"), "é");
  EXPECT_EQ(query->find("absent"), std::nullopt);
}

TEST(QueryTest, FirstOccurrenceCountsAndAllAreListed) {
  const auto query = Query::parse("a=1&&a=2&b=x=y&");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->find("a"), "1");
  EXPECT_EQ(query->find("b"), "x=y");
  ASSERT_EQ(query->pairs().size(), 3U);
  EXPECT_EQ(query->pairs()[1].value, "2");
}

TEST(QueryTest, EmptyQueryHasNoPairs) {
  const auto query = Query::parse("");
  ASSERT_TRUE(query);
  EXPECT_TRUE(query->pairs().empty());
}

TEST(QueryTest, BadEscapesAndForeignBytesAreRefused) {
  for (const char* raw : {"a=%", "a=%4", "a=%4g", "%zz=1", "a=%ff", "a=\xff", "a=1&b=%"}) {
    const auto query = Query::parse(raw);
    ASSERT_FALSE(query) << raw;
    EXPECT_EQ(query.error().code, ErrorCode::invalid) << raw;
  }
}

TEST(PercentTest, PlusIsItselfInAPath) {
  std::string out;
  ASSERT_TRUE(percent_decode("a+b%20c", PlusSign::is_plus, out));
  EXPECT_EQ(out, "a+b c");
}

}  // namespace
}  // namespace bellpull
