#include "llm/openai_provider.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
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
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/time.h"
#include "egress/allow_list.h"
#include "egress/http_client.h"
#include "egress/resolver.h"
#include "llm/openai_settings.h"
#include "llm/provider.h"
#include "support/http_stand_in.h"
#include "support/run_task.h"

namespace bellpull {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view hello =
    R"({"id":"c-1","model":"m-2026","choices":[{"finish_reason":"stop",)"
    R"("message":{"role":"assistant","content":"hello"}}]})";

class OpenAiProviderTest : public testing::Test {
 protected:
  using Answer = std::expected<ModelAnswer, Failure>;

  static OpenAiSettings settings_for(const HttpStandIn& server) {
    return {.connection = {.name = "openai",
                           .base_url = server.url("/v1/"),
                           .api_key = "sk-very-secret",
                           .streams = false,
                           .allowance = Allowance::for_url(server.url()).value()}};
  }
  ModelRequest request() const {
    return {.model = "m",
            .turns = {{.role = Role::system, .text = "Watch \"orders\"."},
                      {.role = Role::user, .text = "hi"}},
            .deadline = clock.steady_now() + std::chrono::seconds{20}};
  }
  Answer complete(const OpenAiSettings& settings, ModelRequest wanted) {
    OpenAiProvider provider(settings, client, clock, random);
    return run_task(context, provider.complete(std::move(wanted)));
  }
  // The answer to a server that says the same each time.
  Answer answer_to(StandInReply reply) {
    const HttpStandIn server([&](const StandInRequest&) { return reply; });
    Answer answer = complete(settings_for(server), request());
    tries = server.requests().size();
    return answer;
  }
  // "final quota 1": class, cause, and how often it was asked.
  std::string outcome(StandInReply reply) {
    const Answer answer = answer_to(std::move(reply));
    if (answer) return "answered " + std::to_string(tries);
    const bool retryable = answer.error().failure_class == FailureClass::retryable;
    return (retryable ? "retryable " : "final ") + answer.error().cause + " " +
           std::to_string(tries);
  }
  std::string outcome(unsigned status, std::string body = {}, Headers headers = {}) {
    return outcome(
        StandInReply{.status = status, .headers = std::move(headers), .body = std::move(body)});
  }
  Answer message(std::string_view message_json, std::string_view finish = "stop") {
    return answer_to({.body = R"({"choices":[{"finish_reason":")" + std::string(finish) +
                              R"(","message":)" + std::string(message_json) + "}]}"});
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
  std::size_t tries = 0;
};

TEST_F(OpenAiProviderTest, ARequestHasTheFormOfChatCompletions) {
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.body = std::string(hello)}; });
  ModelRequest wanted = request();
  wanted.options = {
      {"temperature", "0.2"}, {"maxTokens", "800"}, {"reasoningEffort", "low"}, {"voice", "x"}};
  wanted.turns.push_back({.role = Role::assistant,
                          .calls = {{"t1", "get", R"({"id":17})"}, {"t2", "get", "{broken"}}});
  wanted.turns.push_back({.role = Role::tool, .text = "39", .call_id = "t1", .tool_name = "get"});
  wanted.tools = {{.name = "get", .description = "Gets", .parameters = {{"type", "object"}}}};
  const auto answer = complete(settings_for(server), wanted);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->text, "hello");
  EXPECT_EQ(answer->model, "m-2026");
  EXPECT_EQ(answer->stop, StopReason::done);

  const auto seen = server.requests().at(0);
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/v1/chat/completions");
  EXPECT_EQ(seen.header("authorization"), "Bearer sk-very-secret");
  EXPECT_EQ(seen.header("content-type"), "application/json");
  EXPECT_EQ(
      seen.body,
      R"({"model":"m","messages":[{"role":"system","content":"Watch \"orders\"."},)"
      R"({"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[)"
      R"({"id":"t1","type":"function","function":{"name":"get","arguments":"{\"id\":17}"}},)"
      R"({"id":"t2","type":"function","function":{"name":"get","arguments":"{}"}}]},)"
      R"({"role":"tool","tool_call_id":"t1","content":"39"}],"tools":[{"type":"function","function":)"
      R"({"name":"get","description":"Gets","parameters":{"type":"object"}}}],)"
      R"("temperature":0.2,"reasoning_effort":"low","max_tokens":800})");
}

TEST_F(OpenAiProviderTest, TheConnectionsSettingsCoverTheCrowd) {
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.body = std::string(hello)}; });
  OpenAiSettings azure = settings_for(server);
  azure.connection.key_header = "api-key";
  azure.connection.key_prefix = "";
  azure.connection.extra_headers = {{"X-Title", "bellpull"}};
  azure.connection.extra_query = {{"api-version", "2026 01"}};
  azure.system_role = "developer";
  azure.max_tokens_field = "max_completion_tokens";
  azure.parallel_tool_calls = true;
  ModelRequest wanted = request();
  wanted.options = {{"maxTokens", "5"}};
  wanted.tools = {{.name = "get"}};
  ASSERT_TRUE(complete(azure, wanted));
  const auto seen = server.requests().at(0);
  EXPECT_EQ(seen.target, "/v1/chat/completions?api-version=2026%2001");
  EXPECT_EQ(seen.header("api-key"), "sk-very-secret");
  EXPECT_EQ(seen.header("authorization"), "");
  EXPECT_EQ(seen.header("x-title"), "bellpull");
  const auto body = boost::json::parse(seen.body).as_object();
  EXPECT_EQ(body.at("max_completion_tokens").as_int64(), 5);
  EXPECT_TRUE(body.at("parallel_tool_calls").as_bool());
  EXPECT_EQ(body.at("messages").as_array().at(0).as_object().at("role").as_string(), "developer");
}

TEST_F(OpenAiProviderTest, ItsOwnMessageGoesBackUnchanged) {
  const auto first = message(
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","extra":{"sig":"a\/b="},)"
      R"("function":{"name":"get","arguments":"{}"}}]})");
  ASSERT_TRUE(first);
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.body = std::string(hello)}; });
  ModelRequest second = request();
  second.turns.push_back(
      {.role = Role::assistant, .calls = first->calls, .verbatim = first->verbatim});
  ASSERT_TRUE(complete(settings_for(server), second));
  EXPECT_NE(server.requests().at(0).body.find(first->verbatim), std::string::npos);
  EXPECT_NE(first->verbatim.find(R"("extra":{"sig":"a/b="})"), std::string::npos);
}

TEST_F(OpenAiProviderTest, BrokenArgumentsAreNotSentBack) {
  const auto first =
      message(R"({"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function",)"
              R"("function":{"name":"get","arguments":"{\"id\": "}}]})");
  ASSERT_TRUE(first);
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.body = std::string(hello)}; });
  ModelRequest second = request();
  second.turns.push_back(
      {.role = Role::assistant, .calls = first->calls, .verbatim = first->verbatim});
  ASSERT_TRUE(complete(settings_for(server), second));
  const std::string sent = server.requests().at(0).body;
  EXPECT_EQ(sent.find(R"({\"id\")"), std::string::npos) << "servers parse what they are sent back";
  EXPECT_NE(sent.find(R"("id":"t1","type":"function")"), std::string::npos);
}

TEST_F(OpenAiProviderTest, AnotherProvidersMessageIsNotSent) {
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.body = std::string(hello)}; });
  ModelRequest wanted = request();
  wanted.turns.push_back(
      {.role = Role::assistant,
       .calls = {{"u1", "get", "{}"}},
       .verbatim = R"({"role":"assistant","content":[{"type":"tool_use","id":"u1"}]})"});
  ASSERT_TRUE(complete(settings_for(server), wanted));
  EXPECT_EQ(server.requests().at(0).body.find("tool_use"), std::string::npos);
  EXPECT_NE(server.requests().at(0).body.find(R"("id":"u1","type":"function")"), std::string::npos);
}

TEST_F(OpenAiProviderTest, AnotherProvidersThoughtsAreNotSent) {
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.body = std::string(hello)}; });
  ModelRequest wanted = request();
  wanted.turns.push_back(
      {.role = Role::assistant,
       .text = "so",
       .verbatim = R"({"role":"assistant","content":[{"type":"thinking","thinking":"hm"}]})"});
  ASSERT_TRUE(complete(settings_for(server), wanted));
  EXPECT_EQ(server.requests().at(0).body.find("thinking"), std::string::npos);
}

TEST_F(OpenAiProviderTest, ToolCallsAreTrustedOverTheFinishReason) {
  const auto answer = message(
      R"({"role":"assistant","content":"","tool_calls":[{"function":{"name":"a","arguments":{"x":1}}},)"
      R"({"id":"call_1","function":{"name":"b","arguments":""}},{"id":"call_1","function":{"name":"c"}}]})");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->stop, StopReason::tool_calls);
  ASSERT_EQ(answer->calls.size(), 3U);
  EXPECT_EQ(answer->calls[0].arguments, R"({"x":1})");
  EXPECT_EQ(answer->calls[1].arguments, "{}");
  EXPECT_NE(answer->calls[0].id, answer->calls[1].id);
  EXPECT_NE(answer->calls[1].id, answer->calls[2].id);
  for (const ToolCall& call : answer->calls) {
    EXPECT_NE(answer->verbatim.find("\"id\":\"" + call.id + "\""), std::string::npos)
        << "results are matched with the message that goes back";
  }
}

TEST_F(OpenAiProviderTest, AHalfWrittenCallIsNotExecuted) {
  const auto answer = message(
      R"({"role":"assistant","content":"so","tool_calls":[{"id":"t","function":{"name":"a","arguments":"{\"x\":"}}]})",
      "length");
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->calls.empty());
  EXPECT_TRUE(answer->verbatim.empty());
  EXPECT_EQ(answer->stop, StopReason::length);
  const auto whole = message(
      R"({"role":"assistant","content":"so","tool_calls":[{"id":"t","function":{"name":"a","arguments":"{}"}}]})",
      "length");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->calls.size(), 1U);
}

TEST_F(OpenAiProviderTest, AnswersOfAllFormsAreRead) {
  const auto parts =
      message(R"({"content":[{"type":"text","text":"a"},{"type":"x"},{"type":"text","text":"b"}],)"
              R"("reasoning_content":"hm"})");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->text, "ab");
  EXPECT_EQ(parts->reasoning, "hm");
  const auto refused = message(R"({"content":null,"refusal":"no"})");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->stop, StopReason::refused);
  EXPECT_EQ(refused->text, "no");
  EXPECT_EQ(message(R"({"content":""})", "content_filter")->stop, StopReason::filtered);
  const auto used = answer_to(
      {.headers = {{"x-request-id", "req-7"}},
       .body =
           R"({"choices":[{"message":{"content":"a"}}],"usage":{"prompt_tokens":90,"completion_tokens":30,)"
           R"("prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":9}}})"});
  ASSERT_TRUE(used);
  EXPECT_EQ(used->usage.input, 90);
  EXPECT_EQ(used->usage.cached_input, 8);
  EXPECT_EQ(used->usage.output, 30);
  EXPECT_EQ(used->usage.reasoning, 9);
  EXPECT_EQ(used->request_id, "req-7");
}

TEST_F(OpenAiProviderTest, CountsThatNoAnswerHasAreBounded) {
  const auto used = answer_to(
      {.body =
           R"({"choices":[{"message":{"content":"a"}}],"usage":{"prompt_tokens":9223372036854775807,)"
           R"("completion_tokens":-5,"prompt_tokens_details":{"cached_tokens":18446744073709551615}}})"});
  ASSERT_TRUE(used);
  EXPECT_EQ(used->usage.input, 1'000'000'000);
  EXPECT_EQ(used->usage.output, 0);
  EXPECT_EQ(used->usage.cached_input, 1'000'000'000);
}

TEST_F(OpenAiProviderTest, FailuresAreSortedByStatus) {
  EXPECT_EQ(outcome(400), "final bad_request 1");
  EXPECT_EQ(outcome(401), "final unauthorized 1");
  EXPECT_EQ(outcome(402), "final quota 1");
  EXPECT_EQ(outcome(403), "final forbidden 1");
  EXPECT_EQ(outcome(404), "final not_found 1");
  EXPECT_EQ(outcome(413), "final too_large 1");
  EXPECT_EQ(outcome(422), "final bad_request 1");
  EXPECT_EQ(outcome(302, "", {{"Location", "/"}}), "final bad_request 1") << "a key follows nobody";
  EXPECT_EQ(outcome(408), "retryable timeout 3");
  EXPECT_EQ(outcome(409), "retryable conflict 3");
  EXPECT_EQ(outcome(429), "retryable rate_limited 3");
  EXPECT_EQ(outcome(500), "retryable server_error 3");
  EXPECT_EQ(outcome(502), "retryable server_error 3");
  EXPECT_EQ(outcome(503), "retryable overloaded 3");
  EXPECT_EQ(outcome(504), "retryable server_error 3");
}

TEST_F(OpenAiProviderTest, MoneyIsNeverRetried) {
  for (const auto* code :
       {"insufficient_quota", "credit_balance_exhausted", "monthly_spend_limit_reached"}) {
    EXPECT_EQ(outcome(429, R"({"error":{"message":"pay","code":")" + std::string(code) + "\"}}",
                      {{"x-should-retry", "true"}}),
              "final quota 1")
        << code;
  }
  EXPECT_EQ(outcome(429, R"({"error":{"type":"insufficient_quota","code":null}})"),
            "final quota 1");
  EXPECT_EQ(outcome(429, R"({"error":{"code":"rate_limit_exceeded"}})"),
            "retryable rate_limited 3");
}

TEST_F(OpenAiProviderTest, TheServersAdviceOnRetryingIsObeyed) {
  EXPECT_EQ(outcome(500, "", {{"x-should-retry", "false"}}), "final server_error 1");
  EXPECT_EQ(outcome(400, "", {{"x-should-retry", "true"}}), "retryable bad_request 3");
}

TEST_F(OpenAiProviderTest, AnAnswerThatIsNoneIsRetryable) {
  EXPECT_EQ(outcome(200, "<html>"), "retryable bad_answer 3");
  EXPECT_EQ(outcome(200, R"({"choices":[)"), "retryable bad_answer 3");
  EXPECT_EQ(outcome(200, R"({"choices":[]})"), "retryable bad_answer 3");
  EXPECT_EQ(outcome(200, R"({"choices":[{"message":"hi"}]})"), "retryable bad_answer 3");
  EXPECT_EQ(outcome(200, R"({"error":{"message":"upstream"}})"), "retryable bad_answer 3");
  EXPECT_EQ(outcome(200, R"({"error":{"code":502,"message":"upstream"}})"),
            "retryable server_error 3");
  EXPECT_EQ(outcome(200, R"({"error":{"code":402}})"), "final quota 1");
  EXPECT_EQ(outcome(StandInReply{.end = StandInEnd::drop}), "retryable connection 3");
  EXPECT_EQ(outcome(StandInReply{.body = std::string(hello), .end = StandInEnd::break_off}),
            "retryable connection 3");
}

TEST_F(OpenAiProviderTest, ALaterTryCanAnswer) {
  std::size_t count = 0;
  const HttpStandIn server([&](const StandInRequest&) {
    if (++count < 3) {
      return StandInReply{.status = 429,
                          .headers = {{"retry-after-ms", "1.5"}, {"Retry-After", "9"}}};
    }
    return StandInReply{.body = std::string(hello)};
  });
  EXPECT_TRUE(complete(settings_for(server), request()));
  EXPECT_EQ(count, 3U);
}

TEST_F(OpenAiProviderTest, ALongWaitIsHandedBack) {
  const auto answer = answer_to({.status = 429, .headers = {{"Retry-After", "61"}}});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().retry_after, std::chrono::seconds{61});
  EXPECT_EQ(tries, 1U);
  const auto in_time = answer_to({.status = 429, .headers = {{"Retry-After", "30"}}});
  EXPECT_EQ(in_time.error().retry_after, std::chrono::seconds{30});
  EXPECT_EQ(tries, 1U) << "the request's deadline comes sooner";
}

TEST_F(OpenAiProviderTest, AHangingServerIsATimeout) {
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.end = StandInEnd::hang}; });
  ModelRequest wanted = request();
  wanted.deadline = clock.steady_now() + std::chrono::milliseconds{80};
  const auto answer = complete(settings_for(server), wanted);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().cause, "timeout");
  EXPECT_EQ(answer.error().failure_class, FailureClass::retryable);
}

TEST_F(OpenAiProviderTest, TheKeyIsInNoMessage) {
  const auto answer =
      answer_to({.status = 401,
                 .body = R"({"error":{"message":"Incorrect API key provided: sk-very-secret."}})"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message,
            "openai: The model's server answered with status 401: Incorrect API key provided: "
            "[redacted].");
}

TEST_F(OpenAiProviderTest, AnInsideAddressNeedsTheOperatorsWord) {
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.body = std::string(hello)}; });
  OpenAiSettings settings = settings_for(server);
  settings.connection.allowance.reset();
  const auto answer = complete(settings, request());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().cause, "refused_by_guard");
  EXPECT_EQ(answer.error().failure_class, FailureClass::final);
  EXPECT_EQ(server.accepted(), 0U);
}

TEST_F(OpenAiProviderTest, AnOptionThatIsNoNumberIsRefused) {
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.body = std::string(hello)}; });
  ModelRequest wanted = request();
  wanted.options = {{"temperature", "0.2,\"x\":1"}};
  const auto answer = complete(settings_for(server), wanted);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().cause, "bad_request");
  EXPECT_EQ(server.accepted(), 0U);
}

}  // namespace
}  // namespace bellpull
