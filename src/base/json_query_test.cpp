#include "base/json_query.h"

#include <string>
#include <string_view>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "base/result.h"

namespace bellpull {
namespace {

// The body of RFC 9535, 1.5.
constexpr std::string_view store = R"({"store": {"book": [
    {"category": "reference", "author": "Nigel Rees", "title": "Sayings", "price": 8.95},
    {"category": "fiction", "author": "Evelyn Waugh", "title": "Sword", "price": 12.99},
    {"category": "fiction", "author": "Herman Melville", "title": "Moby", "isbn": "0-553", "price": 8.99},
    {"category": "fiction", "author": "J. R. R. Tolkien", "title": "Lord", "isbn": "0-395", "price": 22.99}],
  "bicycle": {"color": "red", "price": 399}}})";

std::string found(std::string_view text, std::string_view body = store) {
  const Result<JsonQuery> query = JsonQuery::parse(text);
  if (!query) return query.error().message;
  const boost::json::value root = boost::json::parse(body);
  const auto result = query->search(root);
  if (!result) return result.error().message;
  return *result ? boost::json::serialize(**result) : "nothing";
}

TEST(JsonQueryTest, APathToOneValueGivesIt) {
  EXPECT_EQ(found("$.store.bicycle.color"), R"("red")");
  EXPECT_EQ(found("$['store'][\"book\"][-1].title"), R"("Lord")");
  EXPECT_EQ(found("$.store.book[9]"), "nothing");
  EXPECT_EQ(found("$", "null"), "null");
  EXPECT_EQ(found("$.x-id", R"({"x-id": 1})"), "1") << "beyond the standard, as in JsonPath";
}

TEST(JsonQueryTest, AnyOtherGivesAList) {
  EXPECT_EQ(found("$.store.book[*].title"), R"(["Sayings","Sword","Moby","Lord"])");
  EXPECT_EQ(found("$..author"), found("$.store.book[*].author"));
  EXPECT_EQ(found("$..book[2].title"), R"(["Moby"])");
  EXPECT_EQ(found("$..book[0,1].title"), R"(["Sayings","Sword"])");
  EXPECT_EQ(found("$..book[:2].title"), R"(["Sayings","Sword"])");
  EXPECT_EQ(found("$..book[::-3].title"), R"(["Lord","Sayings"])");
  EXPECT_EQ(found("$..book[?@.isbn].title"), R"(["Moby","Lord"])");
  EXPECT_EQ(found("$..book[?@.price < 10].title"), R"(["Sayings","Moby"])");
  EXPECT_EQ(found("$.none[*]"), "[]");
  EXPECT_EQ(found("$[?@ > 1, 0]", "[1, 2, 3]"), "[2,3,1]");
  EXPECT_EQ(found("$..*", R"([[1], {"a": 2}])"), R"([[1],{"a":2},1,2])");
}

TEST(JsonQueryTest, FiltersCompare) {
  constexpr std::string_view body =
      R"([{"a": 1}, {"a": "x", "b": "x"}, {"b": [1.0]}, {"a": null}])";
  EXPECT_EQ(found("$[?@.a == 1.0]", body), R"([{"a":1}])");
  EXPECT_EQ(found("$[?@.a == @.b]", body), R"([{"a":"x","b":"x"}])");
  EXPECT_EQ(found("$[?@.c == @.d]", "[1]"), "[1]") << "nothing is nothing";
  EXPECT_EQ(found("$[?@.a == null]", body), R"([{"a":null}])");
  EXPECT_EQ(found("$[?!@.a]", body), R"([{"b":[1E0]}])");
  EXPECT_EQ(found("$[?@.a >= 'w' || @.a < 2]", body), R"([{"a":1},{"a":"x","b":"x"}])");
  EXPECT_EQ(found("$[?!(@.a && @.b) && @.a]", body), R"([{"a":1},{"a":null}])");
  EXPECT_EQ(found("$[?@.a != $[0].a].b", body), R"(["x",[1E0]])");
}

TEST(JsonQueryTest, FiltersCallEveryFunction) {
  constexpr std::string_view body = R"(["a", "éb", [1, 2], {"k": ["xab", "2024-05-01"]}, 7])";
  EXPECT_EQ(found("$[?length(@) == 2]", body), R"(["éb",[1,2]])");
  EXPECT_EQ(found("$[?count(@.*) == 1]", body), R"([{"k":["xab","2024-05-01"]}])");
  EXPECT_EQ(found("$[?value(@..k[0]) == 'xab'].k[0]", body), R"(["xab"])");
  EXPECT_EQ(found("$..[?match(@, '[0-9]{4}-[0-9]{2}-.*')]", body), R"(["2024-05-01"])");
  EXPECT_EQ(found("$..[?search(@, '[a-c]b')]", body), R"(["xab"])");
  EXPECT_EQ(found("$[?search(@.t, @.p)].t", R"([{"t": "abc", "p": "b."}, {"t": "a", "p": "("}])"),
            R"(["abc"])")
      << "a broken pattern of the body matches nothing";
}

TEST(JsonQueryTest, ReadsTexts) {
  EXPECT_EQ(found(R"($['a\'b\u00e9\ud83d\ude00\n'])", "{\"a'bé😀\\n\": 1}"), "1");
  EXPECT_EQ(found(R"($["a'b"])", R"({"a'b": 1})"), "1");
}

TEST(JsonQueryTest, SaysWhatWasExpectedWhere) {
  EXPECT_EQ(found("a"), "must begin with $");
  EXPECT_EQ(found("$.a b"), ".name, [...] or the end is expected at character 4");
  EXPECT_EQ(found("$.a["),
            "a name in quotes, an index, a slice like 0:10, * or ? is expected at the end");
  EXPECT_EQ(found("$[?@.a == ]"),
            "@, $, a value, or one of the functions length() count() value() match() search() is "
            "expected at character 11");
  EXPECT_EQ(found("$[?length(@)]"),
            "a comparison, a path, match() or search() (a value alone is no test) is expected at "
            "character 4");
  EXPECT_TRUE(found("$[?match(@, '\\\\d+')]").starts_with("\"\\d+\" is no regular expression"));
  for (const char* text : {" $",
                           "$ ",
                           "$.",
                           "$..",
                           "$. a",
                           "$.1",
                           "$[01]",
                           "$[-0]",
                           "$[9007199254740992]",
                           "$['a]",
                           "$[\"\\'\"]",
                           "$['\\ud800']",
                           "$[1 ,]",
                           "$[]",
                           "$[?]",
                           "$[?@.a =1]",
                           "$[?(@.a]",
                           "$[?@.* == 1]",
                           "$[?1]",
                           "$[?true]",
                           "$[?count(1) == 1]",
                           "$[?count(@.a)]",
                           "$[?length(@.*) == 1]",
                           "$[?match(@, 'a') == true]",
                           "$[?length(@, @) == 1]",
                           "$[?nope(@)]",
                           "$[?@.a == TRUE]",
                           "$[?@ == 01]",
                           "$[?@ == 1.]",
                           "$[?!@.a == 1]",
                           "$[?length (@) == 1]",
                           "$.a..",
                           "$['\t']"}) {
    EXPECT_FALSE(JsonQuery::parse(text)) << text;
  }
}

TEST(JsonQueryTest, IsBounded) {
  EXPECT_EQ(found("$." + std::string(4095, 'a')), "must be at most 4096 bytes");
  const std::string parentheses =
      "$[?" + std::string(1000, '(') + "@.a" + std::string(1000, ')') + "]";
  EXPECT_EQ(found(parentheses), "must not be nested deeper than 64 levels");
  std::string filters = "$";
  for (int i = 0; i < 100; ++i) filters += "[?@";
  EXPECT_EQ(found(filters), "must not be nested deeper than 64 levels");
  std::string steps = "$";
  for (int i = 0; i < 65; ++i) steps += ".a";
  EXPECT_EQ(found(steps), "must have at most 64 steps");
}

TEST(JsonQueryTest, ASmallQueryCannotAskForEverything) {
  std::string list = "[0";
  for (int i = 1; i < 3000; ++i) list += ",0";
  list += "]";
  EXPECT_TRUE(found("$[?$[?$[?@ == 0]]]", list).starts_with("takes more than 2000000 steps"));
  const std::string many = "[*,*,*,*,*,*,*,*,*,*]";
  EXPECT_TRUE(found("$" + many + many + ".." + many, "[[" + list + "]]").starts_with("takes more"));
  const std::string text = R"([")" + std::string(400'000, 'a') + R"("])";
  EXPECT_EQ(found("$[?match(@, '(a|aa)*b')]", text), "[]") << "in linear time";
  EXPECT_TRUE(found("$[?match(@, '(a?){300}a{300}b')]", text).starts_with("takes more than"));
}

}  // namespace
}  // namespace bellpull
