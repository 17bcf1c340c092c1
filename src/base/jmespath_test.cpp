#include "base/jmespath.h"

#include <string>
#include <string_view>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "base/result.h"

namespace bellpull {
namespace {

constexpr std::string_view shop = R"({
  "orders": [
    {"id": 1, "total": 5, "tags": ["new"], "lines": [{"sku": "a"}, {"sku": "b"}]},
    {"id": 2, "total": 50.5, "tags": [], "lines": [{"sku": "c"}]},
    {"id": 3, "total": 20, "tags": ["new", "vip"], "lines": []}],
  "people": {"ann": {"age": 30}, "bob": {"age": 25}, "none": {}},
  "any name": "quoted", "nested": [[1, 2], [3, [4]], 5], "texts": ["b", "a", "é"], "none": null})";

// What the expression finds in `body`, or why nothing.
std::string found(std::string_view expression, std::string_view body = shop) {
  const Result<JmesPath> path = JmesPath::parse(expression);
  if (!path) return path.error().message;
  const boost::json::value root = boost::json::parse(body);
  const auto result = path->search(root);
  return result ? boost::json::serialize(*result) : result.error().message;
}

TEST(JmesPathTest, FindsMembersAndElements) {
  EXPECT_EQ(found("orders[0].id"), "1");
  EXPECT_EQ(found("orders[-1].lines"), "[]");
  EXPECT_EQ(found("\"any name\""), R"("quoted")");
  EXPECT_EQ(found("none.at.all"), "null");
  EXPECT_EQ(found("orders[7]"), "null");
  EXPECT_EQ(found("@.people.ann.age"), "30");
}

TEST(JmesPathTest, ProjectsListsAndObjects) {
  EXPECT_EQ(found("orders[*].lines[*].sku"), R"([["a","b"],["c"],[]])");
  EXPECT_EQ(found("orders[].lines[].sku"), R"(["a","b","c"])");
  EXPECT_EQ(found("people.*.age"), "[30,25]") << "what is null is left out";
  EXPECT_EQ(found("nested[]"), "[1,2,3,[4],5]");
  EXPECT_EQ(found("orders[?total > `10`].id"), "[2,3]");
  EXPECT_EQ(found("orders[?contains(tags, 'new') && !(id == `1`)].id | [0]"), "3");
  EXPECT_EQ(found("orders[*].id | [0]"), "1") << "a pipe ends the projection";
  EXPECT_EQ(found("(orders[*].id)[0]"), "1") << "and so do parentheses";
  EXPECT_EQ(found("orders[*].tags[0]"), R"(["new","new"])");
}

TEST(JmesPathTest, Slices) {
  constexpr std::string_view five = "[0, 1, 2, 3, 4]";
  EXPECT_EQ(found("[1:3]", five), "[1,2]");
  EXPECT_EQ(found("[::-1]", five), "[4,3,2,1,0]");
  EXPECT_EQ(found("[-2:]", five), "[3,4]");
  EXPECT_EQ(found("[:100:2]", five), "[0,2,4]");
  EXPECT_EQ(found("[4:-9223372036854775808:-9223372036854775807]", five), "[4]");
  EXPECT_EQ(found("[::0]", five), "the step of a slice must not be 0");
}

TEST(JmesPathTest, ReshapesValues) {
  EXPECT_EQ(found("orders[?id == `1`].{order: id, \"first tag\": tags[0]}"),
            R"([{"order":1,"first tag":"new"}])");
  EXPECT_EQ(found("orders[0].[id, total]"), "[1,5]");
  EXPECT_EQ(found("none.{a: @}"), "null");
  EXPECT_EQ(found("none || `[]` || 'default'"), R"("default")");
  EXPECT_EQ(found("orders[0].tags && 'yes'"), R"("yes")");
}

TEST(JmesPathTest, ReadsLiterals) {
  EXPECT_EQ(found("'it\\'s \\n raw'"), R"("it's \\n raw")");
  EXPECT_EQ(found("`{\"a\": \"\\`\"}`"), R"({"a":"`"})");
  EXPECT_EQ(found("`running`"), R"("running")") << "texts in backticks, as in the first JMESPath";
  EXPECT_EQ(found("`1.0` == `1`"), "true");
  EXPECT_EQ(found("`{\"a\": 1, \"b\": 2}` == `{\"b\": 2, \"a\": 1}`"), "true");
  EXPECT_EQ(found("'a' < 'b'"), "null") << "only numbers have an order";
}

TEST(JmesPathTest, CallsEveryFunction) {
  EXPECT_EQ(found("[abs(`-3`), ceil(`1.2`), floor(`-1.2`), to_number('1.50')]"), "[3,2,-2,1.5E0]");
  EXPECT_EQ(found("[avg(`[1, 2]`), avg(`[]`), sum(orders[*].total), sum(`[]`), sum(`[1, 2]`)]"),
            "[1.5E0,null,7.55E1,0,3]");
  EXPECT_EQ(found("[contains('haystack', 'st'), contains('a', `1`), contains(`[[1]]`, `[1.0]`)]"),
            "[true,false,true]");
  EXPECT_EQ(found("[starts_with('abc', 'ab'), ends_with('abc', 'bc'), starts_with('a', 'ab')]"),
            "[true,true,false]");
  EXPECT_EQ(found("[join(', ', texts), join('-', `[]`)]"), R"(["b, a, é",""])");
  EXPECT_EQ(found("[keys(people), length(values(people)), length('é€'), length(nested)]"),
            R"([["ann","bob","none"],3,2,3])");
  EXPECT_EQ(found("map(&age, values(people))"), "[30,25,null]");
  EXPECT_EQ(found("[max(texts), min(texts), max(`[1, 10, 9]`), min(`[]`)]"),
            R"(["é","a",10,null])");
  EXPECT_EQ(found("[max_by(orders, &total).id, min_by(orders, &total).id]"), "[2,1]");
  EXPECT_EQ(found("merge(`{\"a\": 1, \"b\": 1}`, `{\"b\": 2}`)"), R"({"a":1,"b":2})");
  EXPECT_EQ(found("not_null(none, people.ann.age, 'x')"), "30");
  EXPECT_EQ(found("[reverse('aé€'), reverse(`[1, 2]`)]"), R"(["€éa",[2,1]])");
  EXPECT_EQ(found("[sort(texts), sort(`[10, 9, 1.5]`), sort_by(orders, &total)[*].id]"),
            R"([["a","b","é"],[1.5E0,9,10],[1,3,2]])");
  EXPECT_EQ(found("[to_array(`1`), to_array(`[1]`), to_number('x'), to_number(`[]`)]"),
            "[[1],[1],null,null]");
  EXPECT_EQ(found("[to_string(`{\"a\": [1.5, null, \"x\"], \"b\": 2}`), to_string('x')]"),
            R"(["{\"a\":[1.5,null,\"x\"],\"b\":2}","x"])");
  EXPECT_EQ(found("[@, `1`, 'a', `true`, none, nested][*].type(@)"),
            R"(["object","number","string","boolean","null","array"])");
}

TEST(JmesPathTest, WholeNumbersStayExact) {
  EXPECT_EQ(found("abs(`-9223372036854775808`)"), "9223372036854775808");
  EXPECT_EQ(found("sum(`[9007199254740993, 2]`)"), "9007199254740995");
  EXPECT_EQ(found("`9007199254740993` == `9007199254740992`"), "false");
  EXPECT_EQ(found("`18446744073709551615` > `1`"), "true");
}

TEST(JmesPathTest, WhatIsTooLargeForANumberIsNoResult) {
  EXPECT_EQ(found("sum(`[1e308, 1e308]`)"), "gives a number that is too large to be written");
  EXPECT_EQ(found("[`-1e555`]"), R"(["-1e555"])") << "which is no JSON, and so a text";
  EXPECT_EQ(found("to_string(sum(`[1e308, 1e308]`))"), R"("null")");
}

TEST(JmesPathTest, SaysWhatWasExpectedWhere) {
  EXPECT_EQ(found(""), "a name, a value, or one of @ * ! ( [ { is expected at the end");
  EXPECT_EQ(found("a.b c"),
            "the end, an operator, \".\" or \"[\" is expected at character 5, not c");
  EXPECT_EQ(found("a[b]"), "a number, \"*\", \":\" or \"?\" is expected at character 3, not b");
  EXPECT_EQ(found("a = b"), "\"=\" is no comparison at character 3");
  EXPECT_EQ(found("'a"), "the text has no end at character 1");
  EXPECT_EQ(found("a-b"), "a digit must follow the minus at character 2");
  EXPECT_EQ(found("a || #"), "nothing in JMESPath begins with this character at character 6");
  EXPECT_EQ(found("length()"), "length() takes 1 argument, not 0, at character 1");
  EXPECT_EQ(found("sort_by(a, b)"),
            "sort_by() takes an expression behind & as argument 2, at character 1");
  EXPECT_TRUE(found("a.lenght(@)").starts_with("no function is named lenght (there are abs, avg,"));
  for (const char* text :
       {"a.",       "a..b", ".a",      "a[",    "a[*",   "a[1",     "a[1:2:3:4]",
        "a[1 2]",   "[]a",  "a b",     "{a}",   "{a: b", "{a: b,}", "[a,]",
        "f(a,)",    "&a",   "a.&b",    "a == ", "!",     "(a",      "a)",
        "\"a\"(b)", "`[`",  "\"\\x\"", "a.'b'", "a.1",   "*a",      "foo.[*]a"}) {
    EXPECT_FALSE(JmesPath::parse(text)) << text;
  }
}

TEST(JmesPathTest, AWrongTypeIsSaid) {
  EXPECT_EQ(found("abs('x')"), "abs() needs a number as argument 1, and got a text");
  EXPECT_EQ(found("join(',', `[1]`)"),
            "join() needs a list of texts as argument 2, and got a list");
  EXPECT_EQ(found("sort_by(orders, &none)"),
            "sort_by() needs a number for each element, or a text for each, from the expression "
            "behind &");
  EXPECT_EQ(found("none && abs(none)"), "null") << "what is not evaluated is not wrong";
}

TEST(JmesPathTest, IsBounded) {
  EXPECT_EQ(found(std::string(4097, 'a')), "must be at most 4096 bytes");
  constexpr std::string_view too_deep = "must not be nested deeper than 64 levels";
  const std::string open(2000, '(');
  EXPECT_EQ(found(open + "a" + std::string(2000, ')')), too_deep);
  EXPECT_EQ(found(std::string(2000, '!') + "a"), too_deep);
  EXPECT_EQ(found(std::string(2000, '[') + "a" + std::string(2000, ']')), too_deep);
  std::string chain = "a";
  for (int i = 0; i < 70; ++i) chain += ".a";
  EXPECT_EQ(found(chain), too_deep);
  EXPECT_EQ(found("[[[[[[[[[[[[[[[[[[[[[[[[[@]]]]]]]]]]]]]]]]]]]]]]]]]", "1"),
            "gives a value that is nested deeper than 24 levels");
}

TEST(JmesPathTest, ASmallExpressionCannotAskForEverything) {
  std::string doubled = "@";
  for (int i = 0; i < 40; ++i) doubled += " | [@, @][]";
  EXPECT_TRUE(found(doubled, "[1]").starts_with("takes more than 2000000 steps"));
  std::string list = "[0";
  for (int i = 1; i < 2000; ++i) list += ",0";
  list += "]";
  EXPECT_TRUE(found("map(&length(map(&@, `" + list.substr(0, 3960) + "]`)), @)", list)
                  .starts_with("takes more than"));
  const std::string text = '"' + std::string(300'000, 'x') + '"';
  EXPECT_EQ(found("[@, @]", text), "gives more than 512 KiB; ask for less of it");
  EXPECT_EQ(found("length(@)", text), "300000");
}

}  // namespace
}  // namespace bellpull
