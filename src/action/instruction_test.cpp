#include "action/instruction.h"

#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "action/action_set.h"
#include "action/block.h"
#include "action/standard_actions.h"
#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "database/databases.h"
#include "egress/allow_list.h"
#include "egress/http_client.h"
#include "egress/resolver.h"
#include "mail/mailer.h"
#include "mcp/mcp_servers.h"

namespace bellpull {
namespace {

// With the real actions, which need none of what they are made with to be read.
class InstructionTest : public testing::Test {
 protected:
  Instruction parse(std::string_view text) const { return parse_instruction(text, actions); }

  // The input of the first block as JSON, or "error: ..."; of a text, the text.
  std::string fill(std::string_view instruction, std::string_view arguments,
                   const ServerValues& server = {}) const {
    const auto parsed = parse(instruction);
    if (parsed.kind() != InstructionKind::runs) return "unsupported: " + parsed.text();
    const auto values = parsed.accept(boost::json::parse(arguments).as_object());
    if (!values) return "error: " + values.error().message;
    const auto filled = parsed.blocks().front().fill(*values, server);
    if (!filled) return "error: " + filled.error().message;
    if (const auto* text = filled->if_contains("text")) return std::string(text->as_string());
    if (const auto* parts = filled->if_contains("request")) return message_of(parts->as_object());
    return boost::json::serialize(*filled);
  }

  // As its author wrote it.
  static std::string message_of(const boost::json::object& parts) {
    const auto text = [](const boost::json::object& map, std::string_view key) {
      return std::string(map.at(key).as_string());
    };
    std::string message = text(parts, "method");
    message += (message.empty() ? "" : " ") + text(parts, "url");
    for (const auto& header : parts.at("headers").as_array()) {
      const auto& pair = header.as_object();
      message += "\n" + text(pair, "name") + ": " + text(pair, "value");
    }
    const std::string body = text(parts, "body");
    return body.empty() ? message : message + "\n\n" + body;
  }

  std::string fetch(std::string_view block, std::string_view arguments,
                    const ServerValues& server = {}) const {
    return fill("```fetch\n" + std::string(block) + "\n```", arguments, server);
  }

  boost::asio::io_context context{1};
  SystemClock clock;
  SeededRandom random{1};
  DnsResolver resolver{context.get_executor(), clock};
  HttpClient client{
      context.get_executor(), AllowList::parse({}).value(), {resolver, resolver}, clock};
  Mailer mailer{context.get_executor(), std::nullopt, resolver, clock};
  Log log{LogFormat::text, LogLevel::error};
  Databases databases{context.get_executor(), {}, {}, clock, log};
  McpServers servers{context.get_executor(), {}, client, clock, log};
  ActionSet actions = standard_actions({client, mailer, databases, servers, clock, random});
};
using FetchPlacesTest = InstructionTest;

TEST_F(InstructionTest, TheFormsAreToldApart) {
  const auto kind = [&](std::string_view text) { return parse(text).kind(); };
  for (const auto* text :
       {"```echo\nhi\n```", "\n````echo\n```inner\n````\n", "First:\n```echo\na\n```",
        "```echo\na\n```\n```echo\nb\n```", "@fetch/text/get",
        "template: fetch/text/get\nparameters: {}", "!fetch\nurl: https://x.example/",
        "action: !fetch\n  url: https://x.example/"}) {
    EXPECT_EQ(kind(text), InstructionKind::runs) << text << parse(text).text();
  }
  EXPECT_EQ(kind("Look at the order first."), InstructionKind::prose);
  EXPECT_EQ(kind("Answer like this:\n```\nok\n```"), InstructionKind::prose);
  for (const auto* text :
       {"", "@google/calendar/search", "```echo\nnever closed", "!fetch\nurl: ["}) {
    EXPECT_EQ(kind(text), InstructionKind::unsupported) << text;
    EXPECT_FALSE(parse(text).text().empty());
  }
}

TEST_F(InstructionTest, TheFenceNamesActionAndOptions) {
  const auto one = parse("```smoke/signal/id=ds_1/path=a%2Fb/rerank/n=5\nq\n```");
  EXPECT_EQ(one.blocks().front().action, "smoke/signal");
  EXPECT_EQ(boost::json::serialize(*one.blocks().front().fill({}, {})),
            R"({"text":"q","id":"ds_1","path":"a/b","rerank":true,"n":5})");
}

TEST_F(InstructionTest, TextAroundBlocksIsGuidance) {
  const auto one = parse("First this:\n```echo\na\n```\nthen that:\n```echo\n$[b]\n```\nDone.");
  ASSERT_EQ(one.blocks().size(), 2U);
  EXPECT_EQ(one.text(), "First this:\nthen that:\nDone.");
  EXPECT_TRUE(one.parameters().at("properties").as_object().contains("b"));
}

TEST_F(InstructionTest, AMapIsTheActionsFields) {
  constexpr auto block = R"(method: POST
url: https://x.example/o/$[id!]
query?: $[q]
headers:
  X-Note: $[note]
  X-None?: $[none]
body:
  title: $[title]
  count: $[count num]
  tags: [a, $[title ys], 7]
  raw: $[raw j]
  literal: true
options: { format: json })";
  EXPECT_EQ(fetch(block,
                  R"({"id":"a/../b?","note":"n","title":"x: {y}\n- z\"","count":"3","raw":"[1]"})"),
            R"(error: The parameter "id" must not be a ".." in a path)");
  EXPECT_EQ(
      fetch(block, R"({"id":"a/b?","note":"n","title":"x: {y}\n- z\"","count":"3","raw":"[1]"})"),
      R"({"method":"POST","url":"https://x.example/o/a%2Fb%3F","headers":{"X-Note":"n"},)"
      R"("body":{"title":"x: {y}\n- z\"","count":3,"tags":["a","x: {y}\n- z\"",7],"raw":[1],)"
      R"("literal":true},"format":"json"})");
  EXPECT_TRUE(fetch(block, R"({"id":"a","note":"n\r\nX-Admin: 1"})").starts_with("error"));
}

TEST_F(InstructionTest, AFieldThatTheActionHasNotIsToldWithTheOnesThatItHas) {
  EXPECT_TRUE(
      fetch("url: https://x.example/\nselectors: [a]", "{}")
          .starts_with("unsupported: fetch has no field selectors; its fields are: request, "
                       "method, url"));
}

TEST_F(InstructionTest, AStructuredInstructionDeclaresItsFields) {
  constexpr auto text = R"(!fetch
method: POST
url: https://erp.example/api/tickets
authorization: !reference SECRET_DEFAULT
body:
  title: !string { name: title, description: short title }
  priority: !string? { name: priority, enum: [low, high] }
  count: !number { name: count, min: 1, max: 5, default: 1, optional: true }
  lines: !array { name: lines, items: !string { description: a line } }
  note: !concat ["by ", !string? { name: by }]
options: { format: json })";
  EXPECT_EQ(
      boost::json::serialize(parse(text).parameters()),
      R"({"type":"object","properties":{"title":{"type":"string","description":"short title"},)"
      R"("priority":{"type":"string","enum":["low","high"]},)"
      R"("count":{"type":"number","minimum":1,"maximum":5,"default":1},)"
      R"("lines":{"type":"array","items":{"type":"string","description":"a line"}},)"
      R"("by":{"type":"string"}},"required":["title","lines"],"additionalProperties":false})");
  EXPECT_EQ(fill(text, R"({"title":"t","lines":["a"],"by":"Ann"})",
                 {{"SECRET_DEFAULT", {.text = "k", .scheme = "Bearer "}}}),
            R"({"method":"POST","url":"https://erp.example/api/tickets",)"
            R"("authorization":"Bearer k","body":{"title":"t","priority":null,"count":1,)"
            R"("lines":["a"],"note":"by Ann"},"format":"json"})");
}

TEST_F(InstructionTest, ATemplateFixesWhatIsGivenAndAsksForTheRest) {
  const auto one =
      parse("template: fetch/request\nparameters:\n  url: https://x.example/\n  method: ''");
  EXPECT_EQ(one.kind(), InstructionKind::runs) << one.text();
  EXPECT_FALSE(one.parameters().at("properties").as_object().contains("url"));
  EXPECT_TRUE(one.parameters().at("properties").as_object().contains("method"));
  EXPECT_EQ(fill("template: fetch/request\nparameters:\n  url: https://x.example/", "{}"),
            R"({"method":"GET","url":"https://x.example/","headers":{}})");
  EXPECT_TRUE(parse("template: fetch/request\nparameters: { body: 1, colour: red }")
                  .text()
                  .starts_with("The template fetch/request has no parameter \"colour\""));
}

TEST_F(InstructionTest, ParametersAreWhatTheModelMaySupply) {
  const auto one = parse(
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

TEST_F(InstructionTest, EachOccurrenceIsFilledOnceAndNeverReadAgain) {
  EXPECT_EQ(fill("```echo\n$[a] $[a js] $[b]\n```", R"({"a":"$[b] ${SECRET_X}","b":"$&"})"),
            R"($[b] ${SECRET_X} "$[b] ${SECRET_X}" $&)");
}

TEST_F(InstructionTest, NothingIsFilledInForANameWithoutAValue) {
  constexpr auto block = "https://x.example/\nAuthorization: Bearer ${SECRET_DEFAULT}";
  EXPECT_EQ(fetch(block, "{}"), "error: Nothing was sent: there is no value for SECRET_DEFAULT");
  EXPECT_EQ(parse("```fetch\n" + std::string(block) + "\n```").server_names(),
            std::vector<std::string>{"SECRET_DEFAULT"});
  EXPECT_EQ(
      fill("```echo\n{{BOT_DEFAULT}}\n```", "{}", {{"BOT_DEFAULT", {.text = "b", .scheme = {}}}}),
      "b");
}

TEST_F(InstructionTest, ASecretHasItsSchemeWhereTheAuthorWroteNone) {
  const ServerValues server{{"SECRET_DEFAULT", {.text = "k", .scheme = "Bearer "}}};
  EXPECT_EQ(fetch("https://x.example/\nAuthorization: Bearer ${SECRET_DEFAULT}", "{}", server),
            "https://x.example/\nAuthorization: Bearer k");
  EXPECT_EQ(fetch("https://x.example/\nAuthorization: ${SECRET_DEFAULT}", "{}", server),
            "https://x.example/\nAuthorization: Bearer k");
  EXPECT_EQ(fetch("POST https://x.example/\n\n{\"t\": \"${SECRET_DEFAULT}\"}", "{}", server),
            "POST https://x.example/\n\n{\"t\": \"k\"}");
}

TEST_F(InstructionTest, ASecretStandsOnlyWhereTheActionTakesOne) {
  EXPECT_EQ(fill("```echo\n${SECRET_CRM}\n```", "{}"),
            "unsupported: SECRET_CRM cannot stand in \"text\": echo takes no secrets.");
  EXPECT_TRUE(fetch("https://${SECRET_CRM}.example/", "{}").starts_with("unsupported: SECRET_CRM"));
  EXPECT_TRUE(fetch("url: https://x.example/\npath: ${SECRET_CRM}", "{}")
                  .starts_with("unsupported: SECRET_CRM cannot stand in \"path\""));
}

TEST_F(InstructionTest, ArgumentsThatAreNotDeclaredAreRefused) {
  EXPECT_EQ(fill("```echo\n$[a]\n```", R"({"b":1})"), "error: There is no parameter \"b\"");
}

TEST_F(InstructionTest, AMistakeInAFieldIsToldWhenTheAbilityIsCalled) {
  for (const auto* block : {"$[a num] $[a bool]", "$[a shout]", "$[a num default<x>]",
                            "$[a min<x>]", "$[a min<inf>]", "$[a sanitize<(a+)+>]"}) {
    const auto one = parse("```echo\n" + std::string(block) + "\n```");
    EXPECT_EQ(one.kind(), InstructionKind::unsupported) << block;
    EXPECT_NE(one.text().find("\"a\""), std::string::npos) << one.text();
  }
}

TEST_F(InstructionTest, ALimitOfAStructuredFieldIsANumber) {
  for (const auto* limit : {".inf", "-.inf", ".nan", "many"}) {
    const auto one = parse(fmt::format("!echo\nx: !number {{ name: a, max: {} }}", limit));
    EXPECT_EQ(one.kind(), InstructionKind::unsupported) << limit;
    EXPECT_TRUE(one.text().contains("has a limit that is no number")) << one.text();
  }
}

TEST_F(FetchPlacesTest, AValueInTheUrlStaysAValue) {
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

TEST_F(FetchPlacesTest, AValueInThePathOfAMapStaysAValue) {
  const auto path = [&](std::string_view text, std::string_view arguments) {
    return fetch("url: https://x.example\npath: " + std::string(text), arguments);
  };
  EXPECT_EQ(path("/o/$[id]?q=$[q]", R"({"id":"a b?c","q":"1&admin=1#x"})"),
            R"({"url":"https://x.example","path":"/o/a%20b%3Fc?q=1%26admin%3D1%23x"})");
  EXPECT_EQ(path("$[id]", R"({"id":"a/b?c"})"), R"({"url":"https://x.example","path":"a/b%3Fc"})");
  for (const auto* up : {"..", "a/../b", "..;", "..;a=b/admin", "a/..;/b"}) {
    EXPECT_TRUE(path("/o/$[id]", boost::json::serialize(boost::json::object{{"id", up}}))
                    .starts_with("error"))
        << up;
  }
}

TEST_F(InstructionTest, APartOfAMailAddressAddsNoOther) {
  const auto mail = [&](std::string_view to, const boost::json::object& arguments) {
    return fill("```email\nto: " + std::string(to) + "\nsubject: s\ncontent: c\n```",
                boost::json::serialize(arguments));
  };
  constexpr auto* with_name = "'$[a] <desk@x.example>'";
  EXPECT_EQ(mail(with_name, {{"a", "Ann Lee"}}),
            R"({"to":"Ann Lee <desk@x.example>","subject":"s","content":"c"})");
  for (const auto* more :
       {"<eve@evil.example>, Ann", "a,b", "x\" <e@evil.example>", "a\r\nBcc: e", "a;b", "\\"}) {
    EXPECT_TRUE(mail(with_name, {{"a", more}}).starts_with("error")) << more;
    EXPECT_TRUE(mail("[desk@x.example, $[a]@x.example]", {{"a", more}}).starts_with("error"));
  }
  EXPECT_EQ(mail("$[a]", {{"a", "a@x.example, b@x.example"}}),
            R"({"to":"a@x.example, b@x.example","subject":"s","content":"c"})")
      << "several where nothing stands beside them";
}

TEST_F(FetchPlacesTest, AWholeUrlMayComeFromTheModel) {
  EXPECT_EQ(fetch("$[url!]", R"({"url":"https://x.example/?a=b"})"), "https://x.example/?a=b");
  EXPECT_EQ(fetch("POST $[base!]/x?y=$[y]", R"({"base":"https://x.example","y":"&"})"),
            "POST https://x.example/x?y=%26");
  EXPECT_TRUE(fetch("$[url!]", R"({"url":"POST https://x.example/"})").starts_with("error"));
  EXPECT_TRUE(fetch("$[url!]", R"({"url":"https://x.example/\nX: y"})").starts_with("error"));
}

TEST_F(FetchPlacesTest, WhoeverCallsChoosesTheHostByAValueOrAClaim) {
  const auto chosen = [&](std::string_view block) {
    const auto one = parse(block);
    EXPECT_EQ(one.kind(), InstructionKind::runs) << one.text();
    return one.kind() == InstructionKind::runs && one.blocks().front().chosen_host;
  };
  for (const auto* name : {"$[h]", "${CONTACT_NAME}", "{{CONTACT_EMAIL}}", "${CONTACT_ID}"}) {
    for (const auto* block :
         {"```fetch\nPOST http://@:18432/\nAuthorization: ${SECRET_DEFAULT}\n```",
          "```fetch\nPOST @/x\n```", "```fetch\n@\n```", "```fetch\nurl: \"http://@/\"\n```",
          "```notify\nurl: \"http://@/\"\ntext: hi\n```", "!notify\nurl: \"@\"\ntext: hi"}) {
      std::string text = block;
      text.replace(text.find('@'), 1, name);
      EXPECT_TRUE(chosen(text)) << text;
    }
  }
  EXPECT_FALSE(chosen("```fetch\nhttps://x.example/${CONTACT_NAME}?$[q]\nX: $[h]\n```"));
  EXPECT_FALSE(chosen("```fetch\nhttps://${BOT_DEFAULT}.example/\n```"));
  EXPECT_FALSE(chosen("```notify\nurl: ${SECRET_DEFAULT}\ntext: $[t]\n```"));
  EXPECT_FALSE(chosen("```notify\nurl: ${SECRET_DEFAULT}/$[p]\ntext: $[t]\n```"));
  for (const auto* behind : {"$[p]", ".$[p]/x", ":${CONTACT_PHONE}"}) {
    EXPECT_TRUE(
        chosen(std::string("```notify\nurl: \"${SECRET_DEFAULT}") + behind + "\"\ntext: hi\n```"))
        << "it goes on with the host: " << behind;
  }
}

TEST_F(FetchPlacesTest, NoLineBreakGetsIntoAHeader) {
  constexpr auto block = "POST https://x.example/\nX-Note: $[note]\n\nbody";
  EXPECT_EQ(fetch(block, R"({"note":"plain"})"), "POST https://x.example/\nX-Note: plain\n\nbody");
  EXPECT_TRUE(fetch(block, R"({"note":"a\r\nX-Admin: 1"})").starts_with("error"));
  EXPECT_TRUE(fetch(block, R"({"note":"a\n\nnew body"})").starts_with("error"));
}

TEST_F(FetchPlacesTest, ABodyIsEncodedAsItsTypeHasIt) {
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
