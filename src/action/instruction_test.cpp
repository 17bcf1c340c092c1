#include "action/instruction.h"

#include <string>
#include <string_view>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace bellpull {
namespace {

std::string fill(std::string_view instruction, std::string_view arguments) {
  const auto parsed = parse_instruction(instruction);
  EXPECT_EQ(parsed.kind(), InstructionKind::simple) << parsed.text();
  const auto filled = parsed.fill(boost::json::parse(arguments).as_object());
  return filled ? *filled : "error: " + filled.error().message;
}

std::string fetch(std::string_view block, std::string_view arguments) {
  return fill("```fetch\n" + std::string(block) + "\n```", arguments);
}

TEST(InstructionTest, TheFormsAreToldApart) {
  const auto kind = [](std::string_view text) { return parse_instruction(text).kind(); };
  EXPECT_EQ(kind("```echo\nhi\n```"), InstructionKind::simple);
  EXPECT_EQ(kind("\n````echo\n```inner\n````\n"), InstructionKind::simple);
  EXPECT_EQ(kind("Look at the order first."), InstructionKind::prose);
  EXPECT_EQ(kind("Answer like this:\n```\nok\n```"), InstructionKind::prose);
  for (const auto* text :
       {"", "@google/calendar/search", "template: fetch/text/get\nparameters: {}", "!fetch\nurl: x",
        "action: !fetch\nurl: x", "First:\n```echo\na\n```", "```echo\na\n```\n```echo\nb\n```",
        "```echo\nnever closed"}) {
    EXPECT_EQ(kind(text), InstructionKind::unsupported) << text;
    EXPECT_NE(parse_instruction(text).text().find("exactly one fenced block"), std::string::npos);
  }
}

TEST(InstructionTest, TheFenceNamesActionAndOptions) {
  const auto one = parse_instruction("```dataset/search/id=ds_1/path=a%2Fb/rerank\nq\n```");
  EXPECT_EQ(one.action(), "dataset/search");
  EXPECT_EQ(boost::json::serialize(one.options()), R"({"id":"ds_1","path":"a/b","rerank":"true"})");
  EXPECT_EQ(one.fill({}), "q");
}

TEST(InstructionTest, ParametersAreWhatTheModelMaySupply) {
  const auto one = parse_instruction(
      "```fetch\nPOST https://x.example/$[id! euc|the order]?l=$[limit num min<1> max<10> "
      "default<5>]\n"
      "Authorization: ${SECRET_CRM}\n\n{\"c\": ((color enum<red,blue>: a color)), \"i\": "
      "\"$[id]\"}\n```");
  EXPECT_EQ(boost::json::serialize(one.parameters()),
            R"({"type":"object","properties":{"id":{"type":"string","description":"the order"},)"
            R"("limit":{"type":"number","minimum":1,"maximum":10,"default":5},)"
            R"("color":{"type":"string","description":"a color","enum":["red","blue"]}},)"
            R"("required":["id"],"additionalProperties":false})");
}

TEST(InstructionTest, EachOccurrenceIsFilledOnceAndNeverReadAgain) {
  EXPECT_EQ(fill("```echo\n$[a] $[a js] $[b]\n```", R"({"a":"$[b] ${SECRET_X}","b":"$&"})"),
            R"($[b] ${SECRET_X} "$[b] ${SECRET_X}" $&)");
}

TEST(InstructionTest, ASecretThatIsNotThereStopsTheCall) {
  const std::string filled =
      fetch("https://x.example/\nAuthorization: Bearer ${SECRET_DEFAULT}", "{}");
  EXPECT_TRUE(filled.starts_with("error: Nothing was sent")) << filled;
  EXPECT_NE(filled.find("SECRET_DEFAULT"), std::string::npos);
  EXPECT_TRUE(fill("```echo\n{{BOT_DEFAULT}}\n```", "{}").starts_with("error: Nothing was sent"));
}

TEST(InstructionTest, ArgumentsThatAreNotDeclaredAreRefused) {
  EXPECT_EQ(fill("```echo\n$[a]\n```", R"({"b":1})"), "error: There is no parameter \"b\"");
}

TEST(InstructionTest, AMistakeInAFieldIsToldWhenTheAbilityIsCalled) {
  for (const auto* block : {"$[a num] $[a bool]", "$[a shout]", "$[a num default<x>]",
                            "$[a min<x>]", "$[a sanitize<(a+)+>]"}) {
    const auto one = parse_instruction("```echo\n" + std::string(block) + "\n```");
    EXPECT_EQ(one.kind(), InstructionKind::unsupported) << block;
    EXPECT_NE(one.text().find("\"a\""), std::string::npos) << one.text();
  }
}

TEST(FetchPlacesTest, AValueInTheUrlStaysAValue) {
  EXPECT_EQ(fetch("https://x.example/o/$[id]/?q=$[q]", R"({"id":"a b?c#d%","q":"1&admin=1"})"),
            "https://x.example/o/a%20b%3Fc%23d%25/?q=1%26admin%3D1");
  EXPECT_EQ(fetch("GET https://x.example/$[path]", R"({"path":"a/b"})"),
            "GET https://x.example/a/b");
  EXPECT_TRUE(fetch("https://x.example/o/$[id]", R"({"id":"../admin"})").starts_with("error"));
  EXPECT_TRUE(fetch("https://x.example/o/$[id euc]", R"({"id":".."})").starts_with("error"));
  EXPECT_TRUE(fetch("https://$[t].example/", R"({"t":"evil.example/?"})").starts_with("error"));
  EXPECT_TRUE(fetch("https://$[t].example/", R"({"t":"x@evil"})").starts_with("error"));
  EXPECT_EQ(fetch("https://$[t].example/", R"({"t":"shop-1"})"), "https://shop-1.example/");
}

TEST(FetchPlacesTest, AWholeUrlMayComeFromTheModel) {
  EXPECT_EQ(fetch("$[url!]", R"({"url":"https://x.example/?a=b"})"), "https://x.example/?a=b");
  EXPECT_EQ(fetch("POST $[base!]/x?y=$[y]", R"({"base":"https://x.example","y":"&"})"),
            "POST https://x.example/x?y=%26");
  EXPECT_TRUE(fetch("$[url!]", R"({"url":"POST https://x.example/"})").starts_with("error"));
  EXPECT_TRUE(fetch("$[url!]", R"({"url":"https://x.example/\nX: y"})").starts_with("error"));
}

TEST(FetchPlacesTest, NoLineBreakGetsIntoAHeader) {
  constexpr auto block = "POST https://x.example/\nX-Note: $[note]\n\nbody";
  EXPECT_EQ(fetch(block, R"({"note":"plain"})"), "POST https://x.example/\nX-Note: plain\n\nbody");
  EXPECT_TRUE(fetch(block, R"({"note":"a\r\nX-Admin: 1"})").starts_with("error"));
  EXPECT_TRUE(fetch(block, R"({"note":"a\n\nnew body"})").starts_with("error"));
}

TEST(FetchPlacesTest, ABodyIsEncodedAsItsTypeHasIt) {
  EXPECT_EQ(
      fetch(
          "POST https://x.example/\n\n{\"a\": \"$[a]\", \"b\": $[b], \"c\": $[c], \"d\": $[d num]}",
          R"({"a":"\",\"admin\":true,\"x\":\"","b":"say \"hi\"","d":3})"),
      "POST https://x.example/\n\n"
      R"({"a": "\",\"admin\":true,\"x\":\"", "b": "say \"hi\"", "c": null, "d": 3})");
  EXPECT_EQ(
      fetch("POST https://x.example/\nContent-Type: application/x-www-form-urlencoded\n\na=$[a]",
            R"({"a":"1&b=2"})"),
      "POST https://x.example/\nContent-Type: application/x-www-form-urlencoded\n\na=1%26b%3D2");
  EXPECT_EQ(
      fetch("POST https://x.example/\nContent-Type: text/plain\n\n$[a]", R"({"a":"{\"x\": 1}\n"})"),
      "POST https://x.example/\nContent-Type: text/plain\n\n{\"x\": 1}\n");
  EXPECT_EQ(
      fetch("POST https://x.example/\n\n{\"q\": $[a js], \"r\": $[b j]}", R"({"a":"x","b":"[1]"})"),
      "POST https://x.example/\n\n{\"q\": \"x\", \"r\": [1]}");
}

}  // namespace
}  // namespace bellpull
