#include "llm/demo_provider.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "llm/provider.h"
#include "support/run_task.h"

namespace bellpull {
namespace {

Turn tool_result(std::string name, std::string text) {
  return {
      .role = Role::tool, .text = std::move(text), .call_id = "c", .tool_name = std::move(name)};
}

Turn event(std::string_view body) {
  boost::json::object result{
      {"body", body}, {"ranAt", "2026-01-01T00:00:00.000Z"}, {"timezone", "UTC"}};
  result["contact"] = {{"email", "ann@x.example"}};
  return tool_result("_getIncomingEvent", boost::json::serialize(result));
}

ToolDefinition tool(std::string name, std::string_view parameters) {
  return {.name = std::move(name), .parameters = boost::json::parse(parameters).as_object()};
}

ToolDefinition success() {
  return tool("_success", R"({"properties":{"reason":{"type":"string"}},"required":["reason"]})");
}

// The arguments of the only call; empty when there is not exactly one.
std::string arguments(std::string_view body, std::string_view parameters) {
  const ModelAnswer answer =
      demo_answer({.turns = {event(body)}, .tools = {tool("act", parameters), success()}});
  return answer.calls.size() == 1 && answer.calls[0].name == "act" ? answer.calls[0].arguments : "";
}

TEST(DemoProviderTest, WithoutAFunctionToCallItSettlesAtOnce) {
  const ModelAnswer answer = demo_answer(
      {.turns = {event(R"({"order_id":"12345","total":99.99,"customer":{"name":"Ann"}})")},
       .tools = {success()}});
  EXPECT_EQ(answer.text,
            "Demo model: handled the event with order_id=12345, total=99.99, customer.name=Ann. No "
            "ability "
            "could be called with its fields.");
  ASSERT_EQ(answer.calls.size(), 1U);
  EXPECT_EQ(answer.calls[0].name, "_success");
  EXPECT_TRUE(boost::json::parse(answer.calls[0].arguments).as_object().contains("reason"));
}

TEST(DemoProviderTest, EveryCallableFunctionIsCalledInOneAnswer) {
  const std::vector<ToolDefinition> tools = {
      tool("get", R"({"properties":{"orderId":{"type":"string"}},"required":["orderId"]})"),
      tool("ping", R"({"type":"object","properties":{}})"),
      tool("mail", R"({"properties":{"city":{"type":"string"}},"required":["city"]})"),
      tool("_failure", R"({"properties":{}})"), success()};
  std::vector<Turn> turns = {event(R"({"order_id":17})")};
  const ModelAnswer first = demo_answer({.turns = turns, .tools = tools});
  ASSERT_EQ(first.calls.size(), 2U);
  EXPECT_EQ(first.calls[0].name, "get");
  EXPECT_EQ(first.calls[0].arguments, R"({"orderId":"17"})");
  EXPECT_EQ(first.calls[1].name, "ping");
  EXPECT_NE(first.calls[0].id, first.calls[1].id);
  EXPECT_EQ(first.stop, StopReason::tool_calls);

  turns.push_back({.role = Role::assistant, .text = first.text, .calls = first.calls});
  turns.push_back(tool_result("get", R"({"status":200,"body":{"total":39}})"));
  turns.push_back(tool_result("ping", R"({"error":"no route"})"));
  const ModelAnswer second = demo_answer({.turns = turns, .tools = tools});
  EXPECT_EQ(
      second.text,
      "Demo model: handled the event with order_id=17. get: status 200. ping: failed (no route).");
  ASSERT_EQ(second.calls.size(), 1U);
  EXPECT_EQ(second.calls[0].name, "_success");
}

TEST(DemoProviderTest, OnlyTheNewestEventCounts) {
  const std::vector<Turn> turns = {event(R"({"n":1})"), tool_result("act", "done"),
                                   event(R"({"n":2})")};
  const ModelAnswer answer = demo_answer(
      {.turns = turns,
       .tools = {tool("act", R"({"properties":{"n":{"type":"number"}},"required":["n"]})")}});
  ASSERT_EQ(answer.calls.size(), 1U);
  EXPECT_EQ(answer.calls[0].arguments, R"({"n":2})");
}

TEST(DemoProviderTest, ParametersAreFilledByNameThenByDescription) {
  EXPECT_EQ(arguments(R"({"order":{"id":7}})",
                      R"({"properties":{"order_id":{"type":"number"}},"required":["order_id"]})"),
            R"({"order_id":7})");
  EXPECT_EQ(arguments(R"({"a":{"email":"x"}})",
                      R"({"properties":{"email":{"type":"string"}},"required":["email"]})"),
            R"({"email":"x"})");
  EXPECT_EQ(
      arguments(
          R"({"orderId":"7"})",
          R"({"properties":{"key":{"type":"string","description":"the id of the order"}},"required":["key"]})"),
      R"({"key":"7"})");
  EXPECT_EQ(
      arguments(
          R"({})",
          R"({"properties":{"to":{"type":"string","description":"an email"}},"required":["to"]})"),
      R"({"to":"ann@x.example"})")
      << "what came with the event counts as well";
  EXPECT_EQ(arguments("plain words",
                      R"({"properties":{"message":{"type":"string"}},"required":["message"]})"),
            R"({"message":"plain words"})");
  EXPECT_EQ(
      arguments("plain words", R"({"properties":{"city":{"type":"string"}},"required":["city"]})"),
      "");
}

TEST(DemoProviderTest, AValueOfAnotherTypeDoesNotFit) {
  constexpr auto number = R"({"properties":{"n":{"type":"number"}},"required":["n"]})";
  EXPECT_EQ(arguments(R"({"n":"7.5"})", number), R"({"n":7.5E0})");
  EXPECT_EQ(arguments(R"({"n":"many"})", number), "");
  EXPECT_EQ(arguments(R"({"n":null})", number), "");
  constexpr auto choice =
      R"({"properties":{"c":{"type":"string","enum":["red"]}},"required":["c"]})";
  EXPECT_EQ(arguments(R"({"c":"red"})", choice), R"({"c":"red"})");
  EXPECT_EQ(arguments(R"({"c":"blue"})", choice), "");
}

TEST(DemoProviderTest, OddTurnsAreSurvived) {
  for (const std::string text :
       {"", "not json", "[]", "{\"body\":7}", "{\"body\":{\"a\":1}}", "{}"}) {
    const ModelAnswer answer =
        demo_answer({.turns = {tool_result("_getIncomingEvent", text)}, .tools = {success()}});
    EXPECT_TRUE(answer.text.starts_with("Demo model: ")) << text;
  }
  EXPECT_EQ(
      demo_answer({}).text,
      "Demo model: handled an event without a body. No ability could be called with its fields.");
  const ModelAnswer chat = demo_answer({.turns = {{.role = Role::user, .text = "hello"}}});
  EXPECT_TRUE(chat.text.starts_with("Demo model: handled the event \"hello\"")) << chat.text;
  EXPECT_EQ(chat.stop, StopReason::done);
  EXPECT_TRUE(chat.calls.empty());
}

TEST(DemoProviderTest, LongValuesAreCutBetweenCharacters) {
  std::string long_text;
  for (int i = 0; i < 200; ++i) long_text += "\xC3\xA9";
  const ModelAnswer answer = demo_answer({.turns = {event("x" + long_text)}, .tools = {success()}});
  EXPECT_NE(answer.text.find("\xC3\xA9...\""), std::string::npos);
  EXPECT_LT(answer.text.size(), 200U);
}

TEST(DemoProviderTest, TheProviderGivesTheSameAnswer) {
  boost::asio::io_context context{1};
  DemoProvider provider;
  const ModelRequest request{.turns = {event("hi")}, .tools = {success()}};
  const auto answer = run_task(context, provider.complete(request));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->text, demo_answer(request).text);
  EXPECT_EQ(answer->model, "builtin/demo");
}

}  // namespace
}  // namespace bellpull
