#include "llm/anthropic_provider.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/time.h"
#include "egress/allow_list.h"
#include "egress/http_client.h"
#include "egress/resolver.h"
#include "llm/anthropic_settings.h"
#include "llm/provider.h"
#include "support/http_stand_in.h"
#include "support/run_task.h"

namespace bellpull {
namespace {

namespace json = boost::json;

constexpr std::string_view hello =
    R"({"id":"msg_1","type":"message","model":"claude-x-1","role":"assistant","stop_reason":"end_turn",)"
    R"("content":[{"type":"text","text":"hello"}],"usage":{"input_tokens":5,"output_tokens":2}})";

class AnthropicProviderTest : public testing::Test {
 protected:
  using Answer = std::expected<ModelAnswer, Failure>;

  ModelRequest request() const {
    return {.model = "claude-x",
            .turns = {{.role = Role::system, .text = "Watch \"orders\"."},
                      {.role = Role::user, .text = "hi"}},
            .deadline = clock.steady_now() + std::chrono::seconds{20}};
  }
  Answer complete(const HttpStandIn& server, ModelRequest wanted) {
    AnthropicSettings settings{
        .connection = {.name = "anthropic",
                       .base_url = server.url(),
                       .api_key = "sk-ant-secret",
                       .key_header = "x-api-key",
                       .key_prefix = "",
                       .streams = false,
                       .allowance = Allowance::for_url(server.url()).value()}};
    AnthropicProvider provider(settings, client, clock, random);
    return run_task(context, provider.complete(std::move(wanted)));
  }
  // The answer to a server that says the same each time.
  Answer answer_to(StandInReply reply) {
    const HttpStandIn server([&](const StandInRequest&) { return reply; });
    return complete(server, request());
  }
  // The body that is sent for this request.
  json::object sent(ModelRequest wanted) {
    const HttpStandIn server(
        [](const StandInRequest&) { return StandInReply{.body = std::string(hello)}; });
    const Answer answer = complete(server, std::move(wanted));
    EXPECT_TRUE(answer) << answer.error().message;
    return json::parse(server.requests().at(0).body).as_object();
  }
  std::string messages(std::vector<Turn> turns) {
    ModelRequest wanted = request();
    wanted.turns = std::move(turns);
    json::object body = sent(std::move(wanted));
    // Where the cache's mark stands is told by a test of its own.
    json::array& list = body.at("messages").as_array();
    list.back().at("content").as_array().back().as_object().erase("cache_control");
    return json::serialize(list);
  }
  std::string refusal(json::object options) {
    ModelRequest wanted = request();
    wanted.options = std::move(options);
    const HttpStandIn server([](const StandInRequest&) { return StandInReply{}; });
    const Answer answer = complete(server, std::move(wanted));
    EXPECT_EQ(server.accepted(), 0U);
    return answer ? "answered" : answer.error().message;
  }
  std::string outcome(unsigned status, std::string body = {}) {
    const Answer answer = answer_to({.status = status, .body = std::move(body)});
    if (answer) return "answered";
    const bool retryable = answer.error().failure_class == FailureClass::retryable;
    return (retryable ? "retryable " : "final ") + answer.error().cause;
  }

  // The pauses between tries are drawn as zero, so that no test waits for one.
  class NoJitter final : public Random {
   public:
    void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, std::uint8_t{0}); }
  };

  boost::asio::io_context context{1};
  SystemClock clock;
  NoJitter random;
  DnsResolver resolver{context.get_executor(), clock};
  HttpClient client{context.get_executor(), {}, {resolver, resolver}, clock};
};

TEST_F(AnthropicProviderTest, ARequestHasTheFormOfMessages) {
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.body = std::string(hello)}; });
  ModelRequest wanted = request();
  wanted.options = {{"temperature", "0.5"}, {"voice", "x"}};
  wanted.tools = {{.name = "get", .description = "Gets", .parameters = {}}};
  const auto answer = complete(server, wanted);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->text, "hello");
  EXPECT_EQ(answer->model, "claude-x-1");
  EXPECT_EQ(answer->stop, StopReason::done);

  const auto seen = server.requests().at(0);
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/v1/messages");
  EXPECT_EQ(seen.header("x-api-key"), "sk-ant-secret");
  EXPECT_EQ(seen.header("anthropic-version"), "2023-06-01");
  EXPECT_EQ(
      seen.body,
      R"({"model":"claude-x","max_tokens":8192,"temperature":5E-1,"tools":[{"name":"get",)"
      R"("description":"Gets","input_schema":{"type":"object"}}],"system":[{"type":"text",)"
      R"("text":"Watch \"orders\".","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user",)"
      R"("content":[{"type":"text","text":"hi","cache_control":{"type":"ephemeral"}}]}]})");
}

TEST_F(AnthropicProviderTest, ResultsStandTogetherBeforeWhatIsSaidNext) {
  EXPECT_EQ(messages({{.role = Role::user, .text = "hi"},
                      {.role = Role::assistant,
                       .text = "so",
                       .calls = {{"t1", "get", R"({"id":17})"}, {"t2", "get", "{broken"}}},
                      {.role = Role::tool, .text = "39", .call_id = "t1", .tool_name = "get"},
                      {.role = Role::tool, .text = "no", .call_id = "t2", .failed = true},
                      {.role = Role::user, .text = "go on"}}),
            R"([{"role":"user","content":[{"type":"text","text":"hi"}]},)"
            R"({"role":"assistant","content":[{"type":"text","text":"so"},)"
            R"({"type":"tool_use","id":"t1","name":"get","input":{"id":17}},)"
            R"({"type":"tool_use","id":"t2","name":"get","input":{}}]},)"
            R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"39"},)"
            R"({"type":"tool_result","tool_use_id":"t2","content":"no","is_error":true},)"
            R"({"type":"text","text":"go on"}]}])");
}

TEST_F(AnthropicProviderTest, ATurnWithoutContentIsLeftOut) {
  EXPECT_EQ(messages({{.role = Role::user, .text = "hi"},
                      {.role = Role::assistant, .text = " \n"},
                      {.role = Role::user, .text = "well?"}}),
            R"([{"role":"user","content":[{"type":"text","text":"hi"},)"
            R"({"type":"text","text":"well?"}]}])");
}

TEST_F(AnthropicProviderTest, CallsHaveIdsOfTheirOwn) {
  const Turn one{.role = Role::assistant, .calls = {{"functions.get:0", "get", "{}"}}};
  const Turn result{.role = Role::tool, .text = "1", .call_id = "functions.get:0"};
  EXPECT_EQ(
      messages({{.role = Role::user, .text = "hi"}, one, result, one, result}),
      R"([{"role":"user","content":[{"type":"text","text":"hi"}]},{"role":"assistant",)"
      R"("content":[{"type":"tool_use","id":"functions_2eget_3a0","name":"get","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"functions_2eget_3a0",)"
      R"("content":"1"}]},{"role":"assistant","content":[{"type":"tool_use",)"
      R"("id":"functions_2eget_3a0_2","name":"get","input":{}}]},{"role":"user","content":[)"
      R"({"type":"tool_result","tool_use_id":"functions_2eget_3a0_2","content":"1"}]}])");
}

TEST_F(AnthropicProviderTest, WhatTheServerSignedGoesBackUnchanged) {
  const auto first = answer_to(
      {.body =
           R"({"content":[{"type":"thinking","thinking":"hm","signature":"EqQ\/="},)"
           R"({"type":"redacted_thinking","data":"xx"},{"type":"tool_use","id":"u1","name":"get",)"
           R"("input":{"id":17}}],"stop_reason":"tool_use"})"});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->reasoning, "hm");
  EXPECT_EQ(first->stop, StopReason::tool_calls);
  ASSERT_EQ(first->calls.size(), 1U);
  EXPECT_EQ(first->calls[0].arguments, R"({"id":17})");
  const std::string back =
      messages({{.role = Role::user, .text = "hi"},
                {.role = Role::assistant, .calls = first->calls, .verbatim = first->verbatim},
                {.role = Role::tool, .text = "39", .call_id = "u1"}});
  EXPECT_NE(back.find(first->verbatim), std::string::npos) << back;
  EXPECT_NE(back.find(R"("signature":"EqQ/=")"), std::string::npos);
}

TEST_F(AnthropicProviderTest, AnotherProvidersMessageIsNotSent) {
  const std::string back =
      messages({{.role = Role::user, .text = "hi"},
                {.role = Role::assistant,
                 .text = "so",
                 .calls = {{"t1", "get", "{}"}},
                 .verbatim = R"({"role":"assistant","content":"so","tool_calls":[{"id":"t1"}]})"},
                {.role = Role::tool, .text = "39", .call_id = "t1"}});
  EXPECT_EQ(back.find("tool_calls"), std::string::npos);
  EXPECT_NE(back.find(R"({"type":"tool_use","id":"t1","name":"get","input":{}})"),
            std::string::npos);
}

TEST_F(AnthropicProviderTest, ThinkingIsAnOption) {
  const auto with = [&](json::object options) {
    ModelRequest wanted = request();
    wanted.options = std::move(options);
    const json::object body = sent(std::move(wanted));
    const auto* const config = body.if_contains("output_config");
    return json::serialize(body.at("thinking")) +
           (config == nullptr ? "" : json::serialize(*config));
  };
  EXPECT_EQ(with({{"reasoningEffort", "low"}}), R"({"type":"adaptive"}{"effort":"low"})");
  EXPECT_EQ(with({{"reasoningEffort", "none"}}), R"({"type":"disabled"})");
  EXPECT_EQ(refusal({{"maxTokens", "many"}}),
            "anthropic: The model's option maxTokens must be a whole number");
  EXPECT_EQ(refusal({{"topP", "inf"}}), "anthropic: The model's option topP must be a number");
}

TEST_F(AnthropicProviderTest, UsageCountsWhatTheCacheGave) {
  const auto used = answer_to(
      {.headers = {{"request-id", "req_7"}},
       .body =
           R"({"content":[{"type":"text","text":"a"}],"usage":{"input_tokens":90,"output_tokens":30,)"
           R"("cache_creation_input_tokens":7,"cache_read_input_tokens":8}})"});
  ASSERT_TRUE(used);
  EXPECT_EQ(used->usage.input, 105);
  EXPECT_EQ(used->usage.cached_input, 8);
  EXPECT_EQ(used->usage.output, 30);
  EXPECT_EQ(used->request_id, "req_7");
}

TEST_F(AnthropicProviderTest, AHalfWrittenCallIsNotExecuted) {
  const auto cut = answer_to(
      {.body = R"({"content":[{"type":"text","text":"so"},{"type":"tool_use","id":"u","name":"a",)"
               R"("input":{}}],"stop_reason":"max_tokens"})"});
  ASSERT_TRUE(cut);
  EXPECT_TRUE(cut->calls.empty());
  EXPECT_TRUE(cut->verbatim.empty());
  EXPECT_EQ(cut->stop, StopReason::length);
}

TEST_F(AnthropicProviderTest, EveryEndHasItsReason) {
  const auto stop = [&](std::string_view reason) {
    return answer_to({.body = R"({"content":[],"stop_reason":")" + std::string(reason) + "\"}"})
        ->stop;
  };
  EXPECT_EQ(stop("end_turn"), StopReason::done);
  EXPECT_EQ(stop("max_tokens"), StopReason::length);
  EXPECT_EQ(stop("model_context_window_exceeded"), StopReason::length);
  EXPECT_EQ(stop("refusal"), StopReason::refused);
}

TEST_F(AnthropicProviderTest, FailuresAreSorted) {
  const auto error = [](std::string_view type, std::string_view more = "") {
    return R"({"type":"error","error":{"type":")" + std::string(type) + R"(","message":"m")" +
           std::string(more) + R"(},"request_id":"r"})";
  };
  EXPECT_EQ(outcome(400, error("invalid_request_error")), "final bad_request");
  EXPECT_EQ(outcome(401, error("authentication_error")), "final unauthorized");
  EXPECT_EQ(outcome(402, error("billing_error")), "final quota");
  EXPECT_EQ(outcome(413, error("request_too_large")), "final too_large");
  EXPECT_EQ(outcome(409, error("conflict_error")), "retryable conflict");
  EXPECT_EQ(outcome(429, error("rate_limit_error")), "retryable rate_limited");
  EXPECT_EQ(outcome(429, error("rate_limit_error",
                               R"(,"details":{"error_code":"enforced_spend_limit_reached"})")),
            "final quota");
  EXPECT_EQ(outcome(500, error("api_error")), "retryable server_error");
  EXPECT_EQ(outcome(529, error("overloaded_error")), "retryable overloaded");
  EXPECT_EQ(outcome(400, R"({"error":{"message":"prompt is too long: 210000 tokens"}})"),
            "final context_length");
  EXPECT_EQ(outcome(200, error("overloaded_error")), "retryable overloaded");
  EXPECT_EQ(outcome(200, error("authentication_error")), "final unauthorized");
  EXPECT_EQ(outcome(200, "<html>"), "retryable bad_answer");
  EXPECT_EQ(outcome(200, "{}"), "retryable bad_answer");
}

}  // namespace
}  // namespace bellpull
