#include "action/placeholder.h"

#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "action/character_class.h"

namespace bellpull {
namespace {

Placeholder field(std::string_view text) {
  auto read = read_placeholder(text);
  EXPECT_TRUE(read && *read) << text;
  if (!read || !*read) return {};
  EXPECT_EQ((*read)->length, text.size()) << text;
  return (*read)->field;
}

// What `placeholder` inserts for a value given as JSON; "" in place of JSON: none is given.
std::string insert(std::string_view placeholder, std::string_view value) {
  const Placeholder one = field(placeholder);
  boost::json::value argument;
  if (!value.empty()) argument = boost::json::parse(value);
  const auto accepted = accept_value(one, value.empty() ? nullptr : &argument);
  if (!accepted) return "error: " + accepted.error().message;
  const auto text = insertion(one, *accepted);
  return text ? *text : "error: " + text.error().message;
}

TEST(FieldTest, OnlySecretsAndOurOwnIdsAreNotTheCallers) {
  for (const auto* text : {"${SECRET_CRM}", "{{SECRET_DEFAULT}}", "${BOT_DEFAULT}",
                           "${FILE_DEFAULT}", "${CONVERSATION_ID}"}) {
    EXPECT_FALSE(is_chosen_by_caller(field(text))) << text;
  }
  for (const auto* text :
       {"${CONTACT_NAME}", "{{CONTACT_EMAIL}}", "${CONTACT_PHONE}", "${CONTACT_ID}",
        "${CONVERSATION_NAME}", "${USER_NAME}", "$[city]", "$[SECRET_CRM]", "$[BOT_DEFAULT]"}) {
    EXPECT_TRUE(is_chosen_by_caller(field(text))) << text;
  }
}

TEST(FieldTest, AllBracketFamiliesHoldTheSameGrammar) {
  for (const auto* text :
       {"$[a! euc|what it is]", "[[a! euc|what it is]]", "((a! euc: what it is))",
        "$(!a euc | what it is )", "${ a! euc|what it is}", "{{a! euc|what it is}}"}) {
    const Placeholder one = field(text);
    EXPECT_EQ(one.name, "a") << text;
    EXPECT_TRUE(one.required) << text;
    EXPECT_EQ(one.operands.size(), 1U) << text;
    EXPECT_EQ(one.description, "what it is") << text;
    EXPECT_FALSE(one.server_side) << text;
  }
}

TEST(FieldTest, ServerNamesAreSpecialInTheServerFamiliesOnly) {
  EXPECT_TRUE(field("${SECRET_CRM}").server_side);
  EXPECT_TRUE(field("{{CONVERSATION_ID}}").server_side);
  EXPECT_FALSE(field("${city}").server_side);
  EXPECT_FALSE(field("$[SECRET_CRM]").server_side);
}

TEST(FieldTest, ConstraintsTakeAnyBrackets) {
  const Placeholder one = field("$[n num min<1> max[5] default{3} format(int32)|up to five]");
  EXPECT_EQ(one.type, FieldType::number);
  EXPECT_EQ(one.least, 1.0);
  EXPECT_EQ(one.most, 5.0);
  EXPECT_EQ(one.default_text, "3");
  EXPECT_EQ(one.format, "int32");
  EXPECT_EQ(field("$[c enum<red, green>]").choices.size(), 2U);
}

TEST(FieldTest, OtherTextIsNoPlaceholder) {
  for (const auto* text : {"$[", "$[1a]", "$x", "${}", "[[ see the manual ]]", "((note, this))",
                           "{{\"a\":1}}", "[[a", "text"}) {
    EXPECT_FALSE(read_placeholder(text)) << text;
  }
  const auto unknown = read_placeholder("$[city upper]");
  ASSERT_TRUE(unknown && !*unknown) << "a mistake in what is meant as a field is an error";
  EXPECT_NE(unknown->error().message.find("\"upper\""), std::string::npos);
}

TEST(FieldTest, OperandsWriteTheValue) {
  EXPECT_EQ(insert("$[a euc]", R"("a b/c&\u00e9")"), "a%20b%2Fc%26%C3%A9");
  EXPECT_EQ(insert("$[a js]", R"("say \"hi\"\n")"), R"("say \"hi\"\n")");
  EXPECT_EQ(insert("$[a ys]", R"("yes")"), R"("yes")");
  EXPECT_EQ(insert("$[a js]", "7"), "\"7\"") << "a text field's 7 is text";
  EXPECT_EQ(insert("$[a num js]", "7"), "7");
  EXPECT_EQ(insert("$[a js]", R"({"b":[1,true]})"), R"({"b":[1,true]})");
  EXPECT_EQ(insert("$[a j]", R"("{ \"b\" : 1 }")"), R"({"b":1})");
  EXPECT_EQ(insert("$[a y]", R"({"b":1})"), R"({"b":1})");
  EXPECT_EQ(insert("$[a j]", R"("{oops")"), "error: The parameter \"a\" must be valid JSON");
  EXPECT_EQ(insert("$[a dq]", R"("a\"b")"), R"("a\"b")");
  EXPECT_EQ(insert("$[a sq]", R"("it's")"), R"('it\'s')");
  EXPECT_EQ(insert("$[a edq]", R"("a\"b")"), R"(a\"b)");
  EXPECT_EQ(insert("$[a esq]", R"("it's")"), R"(it\'s)");
  EXPECT_EQ(insert("$[a rn]", R"("a\r\nb\nc")"), "a b c");
  EXPECT_EQ(insert("$[a trim js]", R"("  a ")"), R"("a")");
  EXPECT_EQ(insert("$[a sanitize<[^a-z]>]", R"("a1-b")"), "ab");
}

TEST(FieldTest, JsonInATextIsReadLikeAllJsonOfOthers) {
  constexpr auto refused = "error: The parameter \"a\" must be valid JSON";
  for (const auto* text : {R"("[1e555]")", R"("-1e555")", R"("{\"b\": [1e999]}")"}) {
    EXPECT_EQ(insert("$[a j]", text), refused) << text;
    EXPECT_EQ(insert("$[a y]", text), refused) << text;
  }
  const auto nested = [](std::size_t depth) {
    return '"' + std::string(depth, '[') + std::string(depth, ']') + '"';
  };
  EXPECT_EQ(insert("$[a j]", nested(24)), std::string(24, '[') + std::string(24, ']'));
  EXPECT_EQ(insert("$[a j]", nested(25)), refused);
  std::mt19937_64 random{1};
  std::uniform_real_distribution<double> reals{-1000, 1000};
  for (int i = 0; i < 1'000; ++i) {
    const std::string number = fmt::format("{}", reals(random));
    EXPECT_EQ(insert("$[a j]", '"' + number + '"'), number);
  }
}

TEST(FieldTest, WithoutAValueAnOperandWithAQuestionMarkInsertsNothing) {
  EXPECT_EQ(insert("$[a js]", ""), "null");
  EXPECT_EQ(insert("$[a js?]", ""), "");
  EXPECT_EQ(insert("$[a ?dq]", ""), "");
  EXPECT_EQ(insert("$[a dq]", ""), "\"\"");
  EXPECT_EQ(insert("$[a euc]", "null"), "");
  EXPECT_EQ(insert("$[a js default<x>]", ""), "\"x\"");
}

TEST(FieldTest, ValuesAreCheckedAgainstWhatIsDeclared) {
  EXPECT_EQ(insert("$[a!]", ""), "error: The parameter \"a\" is required");
  EXPECT_EQ(insert("$[a!]", R"("")"), "error: The parameter \"a\" is required");
  EXPECT_EQ(insert("$[a num]", R"("12")"), "12");
  EXPECT_EQ(insert("$[a num]", "1.5"), "1.5");
  EXPECT_EQ(insert("$[a num]", R"("12x")"), "error: The parameter \"a\" must be a number");
  EXPECT_EQ(insert("$[a num]", R"("inf")"), "error: The parameter \"a\" must be a number");
  EXPECT_EQ(insert("$[a bool]", R"("false")"), "false");
  EXPECT_EQ(insert("$[a bool]", "1"), "error: The parameter \"a\" must be true or false");
  EXPECT_EQ(insert("$[a enum<x,y>]", R"("z")"), "error: The parameter \"a\" must be one of: x, y");
  EXPECT_EQ(insert("$[a num max<5>]", "6"), "error: The parameter \"a\" must be at most 5");
  EXPECT_EQ(insert("$[a min<2>]", R"("\u00e9")"),
            "error: The parameter \"a\" must be at least 2 characters");
  EXPECT_EQ(insert("$[a]", "[1]"), "error: The parameter \"a\" must be text");
}

TEST(CharacterClassTest, OneClassAndNothingElseIsRead) {
  EXPECT_EQ(CharacterClass::parse("[^\\w.-]")->without("a b-c.d!"), "ab-c.d");
  EXPECT_EQ(CharacterClass::parse("\\s")->without(" a\tb\n"), "ab");
  EXPECT_EQ(CharacterClass::parse("[\\]\\\\]+")->without("a]b\\"), "ab");
  EXPECT_EQ(CharacterClass::parse("[^a-z]")->without("\xC3\xA9t\xC3\xA9"), "t");
  for (const auto* text : {"", "[]", "(a+)+", "[z-a]", "[a", "a", "[\\q]", ".*"}) {
    EXPECT_FALSE(CharacterClass::parse(text)) << text;
  }
}

}  // namespace
}  // namespace bellpull
