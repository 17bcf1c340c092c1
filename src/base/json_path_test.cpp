#include "base/json_path.h"

#include <string>
#include <string_view>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "base/result.h"

namespace bellpull {
namespace {

constexpr std::string_view body = R"({
  "id": 17, "data": {"items": [{"order id": "a"}, {"order id": "b"}], "x-id": "dashed"},
  "é": "accent", "it's": "quoted", "0": "zero", "none": null})";

// What the path finds in `body`, "nothing", or why it is no path.
std::string found(std::string_view text) {
  const Result<JsonPath> path = JsonPath::parse(text);
  if (!path) return path.error().message;
  const boost::json::value root = boost::json::parse(body);
  const boost::json::value* value = path->find(root);
  return value == nullptr ? "nothing" : boost::json::serialize(*value);
}

TEST(JsonPathTest, FindsMembersAndElements) {
  EXPECT_EQ(found("$.id"), "17");
  EXPECT_EQ(found("$['id']"), "17");
  EXPECT_EQ(found("$[\"id\"]"), "17");
  EXPECT_EQ(found("$.data.items[1]['order id']"), R"("b")");
  EXPECT_EQ(found("$.data.x-id"), R"("dashed")");
  EXPECT_EQ(found("$.é"), R"("accent")");
  EXPECT_EQ(found("$[\"it's\"]"), R"("quoted")");
  EXPECT_EQ(found("$['0']"), R"("zero")");
  EXPECT_EQ(found("$.none"), "null");
}

TEST(JsonPathTest, FindsNothingWhereThereIsNone) {
  EXPECT_EQ(found("$.ID"), "nothing");
  EXPECT_EQ(found("$.id.more"), "nothing");
  EXPECT_EQ(found("$.data.items[2]"), "nothing");
  EXPECT_EQ(found("$.data[0]"), "nothing");
  EXPECT_EQ(found("$[0]"), "nothing") << "an index is no member's name";
  EXPECT_EQ(found("$['']"), "nothing");
}

TEST(JsonPathTest, SaysWhatIsNoPathAndWhere) {
  EXPECT_EQ(found(""), "must begin with $");
  EXPECT_EQ(found("id"), "must begin with $");
  EXPECT_EQ(found("$"), "must name a member");
  EXPECT_EQ(found("$id"), "must go on with .name, ['name'] or [0] at character 2");
  EXPECT_EQ(found("$.a..b"), "must go on with .name, ['name'] or [0] at character 4");
  for (const char* text : {"$.", "$..a", "$.*", "$.1a", "$[*]", "$[-1]", "$[1:2]", "$[", "$[]",
                           "$['a", "$['a'", "$['a\\'b']", "$[ 0]", "$[0x1]", "$[9999999999]",
                           "$.a b", "$.a ", "$.a[?(@.b)]", "$.a[0"}) {
    EXPECT_NE(found(text).find("must go on with"), std::string::npos) << text;
  }
}

TEST(JsonPathTest, IsBounded) {
  std::string deep = "$";
  for (int i = 0; i < 24; ++i) deep += ".a";
  EXPECT_EQ(found(deep), "nothing");
  EXPECT_EQ(found(deep + ".a"), "must have at most 24 steps");
  EXPECT_EQ(found("$." + std::string(254, 'a')), "nothing");
  EXPECT_EQ(found("$." + std::string(255, 'a')), "must be at most 256 bytes");
}

}  // namespace
}  // namespace bellpull
