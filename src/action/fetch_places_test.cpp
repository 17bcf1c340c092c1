// What is sent of an instruction of fetch, whatever the values are: from the text to the call.
#include "action/fetch_places.h"

#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "action/action.h"
#include "action/block.h"
#include "action/fetch_request.h"
#include "action/placeholder.h"
#include "action/shape.h"
#include "action/template.h"
#include "base/task.h"

namespace bellpull {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Fetch without a network.
class ReadFetch final : public Action {
 public:
  const ActionShape& shape() const override {
    static const ActionShape shape{
        .main = "request",
        .fields = {"method", "url", "path", "query", "headers", "authorization", "body"}};
    return shape;
  }
  bool mark(TemplateMap& input) const override { return mark_fetch_places(input); }
  bool is_idempotent(const ActionRequest& /*request*/) const override { return true; }
  Task<ActionOutcome> execute(ActionRequest /*request*/) override { co_return ActionOutcome{}; }
};

// The call as text, or "error: ...".
std::string sent(std::string_view text, std::string_view arguments) {
  const ReadFetch action;
  auto block = read_block("fetch", text, {}, &action);
  if (!block) return "error: " + block.error().message;
  const auto given = boost::json::parse(arguments).as_object();
  FieldValues values;
  std::string problem;
  const auto accept = [&](const Placeholder& field) {
    auto value = accept_value(field, given.if_contains(field.name));
    if (!value) problem = value.error().message;
    values[field.name] = value.value_or(nullptr);
  };
  for (TemplateEntry& entry : block->input) each_placeholder(entry.value, accept);
  if (!problem.empty()) return "error: " + problem;
  const auto filled = block->fill(values, {});
  if (!filled) return "error: " + filled.error().message;
  const auto wanted = parse_fetch(*filled);
  if (!wanted) return "error: " + wanted.error().message;
  std::string message = wanted->call.method + " " + wanted->call.url;
  for (const auto& [name, value] : wanted->call.headers) message += "\n" + name + ": " + value;
  return message + "\n\n" + wanted->call.body;
}

// The body that goes out with these header lines.
std::string body_of(const std::string& head, const std::string& body, std::string_view arguments) {
  const std::string message = sent("POST https://x.example/\n" + head + "\n\n" + body, arguments);
  if (message.starts_with("error")) return message;
  return message.substr(message.find("\n\n") + 2);
}

TEST(FetchBodyTest, AFormStaysAFormHoweverItsHeaderIsWritten) {
  for (const auto* head :
       {"Content-Type: application/x-www-form-urlencoded",
        " Content-Type: application/x-www-form-urlencoded",
        "\tContent-Type\t:application/x-www-form-urlencoded",
        "Content-Type : application/x-www-form-urlencoded \r",
        "X-One: 1\r\nCONTENT-TYPE:Application/X-WWW-Form-Urlencoded; charset=utf-8\r",
        "Content-Type: application/x-www-form-urlencoded; note=json",
        "Content-Type: application/x-www-form-urlencoded; charset=$[c]",
        "X-Empty: $[e]\nContent-Type: application/x-www-form-urlencoded",
        "X-$[n]: 1\nContent-Type: application/x-www-form-urlencoded\nContent-Type:"}) {
    EXPECT_EQ(body_of(head, "name=$[v!]&role=guest", R"({"v":"x&role=admin&y=1"})"),
              "name=x%26role%3Dadmin%26y%3D1&role=guest")
        << head;
  }
}

TEST(FetchBodyTest, JsonStaysJsonHoweverItIsTold) {
  for (const auto* head :
       {"X-One: 1", "Content-Type: application/json", " content-type : application/ld+json",
        "Content-Type:", "Content-Type: $[t]", "$[n]: 1", "Content-$[n]: text/plain",
        "Content-Type: text/plain\nContent-Type: application/json"}) {
    EXPECT_EQ(body_of(head, R"({"a": "$[v!]", "b": $[v!]})", R"({"v":"\",\"admin\":\"1"})"),
              R"({"a": "\",\"admin\":\"1", "b": "\",\"admin\":\"1"})")
        << head;
  }
  EXPECT_EQ(body_of("X: 1", "\n  {\"a\": \"$[v!]\"}", R"({"v":"\""})"), "\n  {\"a\": \"\\\"\"}");
}

TEST(FetchBodyTest, WhatCannotBeJudgedIsRefused) {
  constexpr auto told = "stands where the server can't tell how to write it";
  for (const auto* head :
       {"Content-Type: $[t]", "Content-Type: application/$[t]", "$[n]: 1", "Content-$[n]: 1",
        "$[n]-Type: 1",
        "Content-Type: text/plain\nContent-Type: application/x-www-form-urlencoded"}) {
    EXPECT_THAT(body_of(head, "name=$[v!]&role=guest", R"({"v":"x"})"), HasSubstr(told)) << head;
    EXPECT_THAT(body_of(head, R"($[w]{"a": "$[v!]"})", R"({"v":"x"})"), HasSubstr(told)) << head;
    EXPECT_EQ(body_of(head, "name=$[v! euc]&role=guest", R"({"v":"a&b"})"), "name=a%26b&role=guest")
        << "the author says how";
    EXPECT_EQ(body_of(head, "$[v!]", R"({"v":"{\"all\": \"the caller's\"}"})"),
              R"({"all": "the caller's"})")
        << head;
  }
  EXPECT_THAT(body_of("X: 1", R"({"a": "\$[v!]"})", R"({"v":"\",\"admin\":\"1"})"),
              HasSubstr(told));
}

TEST(FetchBodyTest, AValueDoesNotDecideWhatTheTextBehindItIs) {
  EXPECT_EQ(sent("POST https://x.example/\n\n$[a]{\"b\": \"$[v]\"}", R"({"v":"\""})"),
            "POST https://x.example/\nContent-Type: text/plain; charset=utf-8\n\n{\"b\": \"\"\"}");
  EXPECT_EQ(sent("url: https://x.example/\nbody: $[a] and $[v]", R"({"a":"{","v":"\""})"),
            "GET https://x.example/\nContent-Type: text/plain; charset=utf-8\n\n{ and \"");
  EXPECT_EQ(sent("POST https://x.example/\n\n$[a]", R"({"a":"{\"b\": 1}"})"),
            "POST https://x.example/\nContent-Type: application/json\n\n{\"b\": 1}");
}

TEST(FetchBodyTest, AMapsBodyIsJudgedInTheSameWay) {
  constexpr auto form =
      "url: https://x.example/\nheaders: {content-TYPE: "
      "application/x-www-form-urlencoded}\nbody: name=$[v!]&role=guest";
  EXPECT_THAT(sent(form, R"({"v":"x&role=admin"})"), HasSubstr("name=x%26role%3Dadmin&role=guest"));
  EXPECT_THAT(sent("url: https://x.example/\nheaders: {Content-Type: $[t]}\nbody: a=$[v!]&b=1",
                   R"({"v":"x"})"),
              HasSubstr("can't tell how to write it"));
}

TEST(FetchPathTest, AValueAddsNoSegments) {
  struct Row {
    std::string_view value;
    std::string_view path;
  };
  for (const auto& [value, path] : {Row{"17/refund;all=1", "17%2Frefund%3Ball%3D1"},
                                    {"17:cancel", "17%3Acancel"},
                                    {"a\\\\b", "a%5Cb"},
                                    {"a?b#c%2Fd", "a%3Fb%23c%252Fd"},
                                    {"a b,&+@", "a%20b%2C%26%2B%40"},
                                    {"...", "..."},
                                    {"v1.2-x_y~", "v1.2-x_y~"}}) {
    const std::string arguments = R"({"b":"https://x.example","v":")" + std::string(value) + "\"}";
    for (const auto* request :
         {"https://x.example/o/$[v!]", "https://x.example/o/$[v!]?q=1", "$[b]/o/$[v!]",
          "url: https://x.example/o\npath: $[v!]", "url: https://x.example\npath: o/$[v!]",
          "url: $[b]\npath: [o, $[v!]]", "url: https://x.example/o/?q=1\npath: /$[v!]"}) {
      EXPECT_THAT(sent(request, arguments),
                  StartsWith("GET https://x.example/o/" + std::string(path)))
          << request;
    }
    EXPECT_THAT(sent("https://x.example/$[v!]/items", arguments),
                StartsWith("GET https://x.example/" + std::string(path) + "/items\n"));
    EXPECT_THAT(sent("https://x.example/$[n]$[v!]", arguments),
                StartsWith("GET https://x.example/" + std::string(path) + "\n"));
  }
}

TEST(FetchPathTest, AFieldThatIsAllOfThePathMayHaveSegments) {
  constexpr auto arguments = R"({"b":"https://x.example","v":"a/b;c=1?d#e"})";
  for (const auto* request :
       {"https://x.example/$[v!]", "GET https://x.example/$[v!] HTTP/1.1", "$[b]/$[v!]",
        "GET https://x.example/$[v!]?q=1", "url: https://x.example\npath: $[v!]",
        "url: https://x.example/?q=1\npath: /$[v!]", "url: $[b]\npath: $[v!]",
        "url: \"https://x.example/$[v!]\""}) {
    EXPECT_THAT(sent(request, arguments), StartsWith("GET https://x.example/a/b;c=1%3Fd%23e"))
        << request;
  }
}

TEST(FetchPathTest, NoValueLeadsUpHoweverItIsEncoded) {
  for (const auto* value : {".", "..", "../x", "x/..", "a/../b", "./a", "a\\\\..\\\\b"}) {
    const std::string arguments = R"({"v":")" + std::string(value) + "\"}";
    for (const auto* request :
         {"https://x.example/o/$[v!]", "https://x.example/$[v!]", "https://x.example/o/$[v! euc]",
          "url: https://x.example/o\npath: $[v!]", "url: https://x.example\npath: $[v!]"}) {
      EXPECT_EQ(sent(request, arguments),
                "error: The parameter \"v\" must not be a \"..\" in a path")
          << request << " " << value;
    }
  }
}

TEST(FetchPathTest, WhatAnOperandWritesIsAValueAsWell) {
  constexpr auto arguments = R"({"v":"a/b&c=1"})";
  EXPECT_EQ(
      sent("https://x.example/o/$[v! js]?q=$[v js]&r=$[v esq]", arguments),
      "GET https://x.example/o/%22a%2Fb%26c%3D1%22?q=%22a%2Fb%26c%3D1%22&r=a%2Fb%26c%3D1\n\n");
  EXPECT_EQ(sent("https://x.example/o/$[v! euc]", arguments),
            "GET https://x.example/o/a%2Fb%26c%3D1\n\n");
  EXPECT_EQ(body_of("Content-Type: application/x-www-form-urlencoded", "a=$[v js]", arguments),
            "a=%22a%2Fb%26c%3D1%22");
}

TEST(FetchMessageTest, NoValueEndsTheHeadersOrIsALineOfThem) {
  for (const auto* value : {"", "X-Admin: 1", "Content-Type: application/json"}) {
    const std::string arguments = std::string(R"({"h":")") + value + R"(","v":"x&y"})";
    EXPECT_EQ(sent("POST https://x.example/\n$[h]\nX: 1\n\na=$[v]", arguments),
              "error: A header line of the fetch input has no colon");
  }
  EXPECT_EQ(sent("POST https://x.example/\nX-One: $[h]\nX-Two: 2\n\n$[v]", R"({"h":"","v":"a"})"),
            "POST https://x.example/\nX-Two: 2\nContent-Type: text/plain; charset=utf-8\n\na");
  EXPECT_THAT(sent("request:\n  url: https://x.example/$[v]\n", R"({"v":"a"})"),
              HasSubstr("fetch is neither a URL nor an HTTP message"));
  EXPECT_EQ(sent("url: https://x.example/\nurl: https://y.example/$[v]", R"({"v":"a"})"),
            "error: fetch has the field url twice");
}

TEST(FetchMessageTest, AValueIsNoPartOfTheRequestLine) {
  constexpr auto method = "$[m enum<get,POST>] https://x.example/a HTTP/1.1";
  EXPECT_EQ(sent(method, R"({"m":"POST"})"), "POST https://x.example/a\n\n");
  EXPECT_EQ(sent(method, "{}"), "GET https://x.example/a\n\n");
  EXPECT_THAT(sent("$[m] https://x.example/a", R"({"m":"GET https://y.example/"})"),
              StartsWith("error"));
  EXPECT_EQ(sent("GET https://x.example/?q=$[q]", R"({"q":"a HTTP/1.1"})"),
            "GET https://x.example/?q=a%20HTTP%2F1.1\n\n");
}

}  // namespace
}  // namespace bellpull
