#include "mcp/http_channel.h"

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/allow_list.h"
#include "egress/http_client.h"
#include "egress/resolver.h"
#include "mcp/channel.h"
#include "mcp/mcp_client.h"
#include "mcp/mcp_failure.h"
#include "mcp/protocol.h"
#include "mcp/server_settings.h"
#include "mcp/tool_result.h"
#include "support/http_stand_in.h"
#include "support/run_task.h"

namespace bellpull {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

json::value body_of(const StandInRequest& request) {
  return request.body.empty() ? json::value() : json::parse(request.body);
}

std::string method_of(const StandInRequest& request) {
  const json::value body = body_of(request);
  const auto* const method = body.is_object() ? body.as_object().if_contains("method") : nullptr;
  return method == nullptr ? request.method : std::string(method->as_string());
}

std::string answer(const StandInRequest& request, std::string_view member, std::string_view value) {
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"{}":{}}})",
                     json::serialize(body_of(request).at("id")), member, value);
}

StandInReply result(const StandInRequest& request, std::string_view value) {
  return {.headers = {{"Content-Type", "application/json"}},
          .body = answer(request, "result", value)};
}

StandInReply events(std::string text, StandInEnd end = StandInEnd::keep) {
  return {.headers = {{"Content-Type", "text/event-stream"}}, .body = std::move(text), .end = end};
}

std::string event(std::string_view data, std::string_view id = "") {
  return fmt::format("{}data: {}\n\n", id.empty() ? "" : fmt::format("id: {}\n", id), data);
}

StandInReply error(const StandInRequest& request, unsigned status, std::string_view value) {
  return {.status = status, .body = answer(request, "error", value)};
}

constexpr std::string_view one_tool =
    R"({"resultType":"complete","tools":[{"name":"get","inputSchema":{"type":"object",
        "properties":{"region":{"type":"string","x-mcp-header":"Region"}}}}]})";
constexpr std::string_view old_tool =
    R"({"tools":[{"name":"get","inputSchema":{"type":"object"}}]})";
constexpr std::string_view introduced =
    R"({"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"x","version":"1"}})";

class HttpChannelTest : public testing::Test {
 protected:
  using Script = HttpStandIn::Script;

  // A server of the legacy era with sessions, whose calls `call` answers.
  static Script legacy(Script call) {
    return [call = std::move(call)](const StandInRequest& request) -> StandInReply {
      const std::string method = method_of(request);
      if (method == "initialize") {
        StandInReply reply = result(request, introduced);
        reply.headers.emplace_back("Mcp-Session-Id", "s1");
        return reply;
      }
      if (request.header("mcp-session-id").empty()) {
        return error(request, 400, R"({"code":-32000,"message":"no session"})");
      }
      if (method.starts_with("notifications/")) return {.status = 202};
      if (method == "tools/list") return result(request, old_tool);
      return call(request);
    };
  }
  // A modern one.
  static Script modern(Script call) {
    return [call = std::move(call)](const StandInRequest& request) {
      return method_of(request) == "tools/list" ? result(request, one_tool) : call(request);
    };
  }

  McpClient& client_of(const HttpStandIn& server) {
    McpEndpoint endpoint{.url = server.url("/mcp"),
                         .headers = {{"Authorization", "Bearer very-secret"}},
                         .allowance = Allowance::for_url(server.url()).value()};
    auto channel = std::make_unique<HttpChannel>(context.get_executor(), std::move(endpoint),
                                                 McpEraChoice::automatic, limits, http, clock);
    client = std::make_unique<McpClient>("test", std::move(channel), limits, clock, log);
    return *client;
  }

  std::expected<McpToolResult, McpFailure> call(McpClient& of) {
    McpToolCall wanted{.tool = "get", .arguments = {{"region", " eu"}}};
    wanted.on_progress = [this](const McpProgress&) { ++progress; };
    return run_task(context, of.call_tool(std::move(wanted)));
  }
  static Task<bool> stopped(McpClient* of) {
    co_await of->stop();
    co_return true;
  }
  void stop() { run_task(context, stopped(client.get())); }

  static std::vector<std::string> methods(const HttpStandIn& server) {
    std::vector<std::string> methods;
    for (const StandInRequest& request : server.requests()) methods.push_back(method_of(request));
    return methods;
  }
  using Methods = std::vector<std::string>;

  boost::asio::io_context context{1};
  SystemClock clock;
  Log log{LogFormat::text, LogLevel::error};
  DnsResolver resolver{context.get_executor(), clock};
  HttpClient http{context.get_executor(), {}, {resolver, resolver}, clock};
  McpLimits limits;
  std::unique_ptr<McpClient> client;
  int progress = 0;
};

StandInReply said(const StandInRequest& request) {
  return result(request, R"({"resultType":"complete","content":[{"type":"text","text":"fine"}]})");
}

TEST_F(HttpChannelTest, AModernCallCarriesItsHeadersAndMeta) {
  const HttpStandIn server(modern(said));
  ASSERT_EQ(call(client_of(server))->text, "fine");
  EXPECT_EQ(methods(server), (Methods{"tools/list", "tools/call"}));
  const StandInRequest request = server.requests().back();
  EXPECT_EQ(request.header("mcp-protocol-version"), "2026-07-28");
  EXPECT_EQ(request.header("mcp-method"), "tools/call");
  EXPECT_EQ(request.header("mcp-name"), "get");
  EXPECT_EQ(request.header("mcp-param-region"), "=?base64?IGV1?=");
  EXPECT_EQ(request.header("authorization"), "Bearer very-secret");
  const json::value meta = body_of(request).at("params").at("_meta");
  EXPECT_EQ(meta.at("io.modelcontextprotocol/protocolVersion"), "2026-07-28");
  EXPECT_EQ(meta.at("io.modelcontextprotocol/clientCapabilities"), json::object());
  EXPECT_EQ(client->health().era, McpEra::modern);
}

TEST_F(HttpChannelTest, ALegacySessionIsOpenedUsedAndDeleted) {
  const HttpStandIn server(legacy(said));
  ASSERT_EQ(call(client_of(server))->text, "fine");
  EXPECT_EQ(methods(server), (Methods{"tools/list", "initialize", "notifications/initialized",
                                      "tools/list", "tools/call"}));
  EXPECT_EQ(client->health().era, McpEra::legacy);
  EXPECT_EQ(server.requests()[1].header("mcp-protocol-version"), "");
  EXPECT_EQ(server.requests()[4].header("mcp-protocol-version"), "2025-11-25");
  stop();
  EXPECT_EQ(server.requests().back().method, "DELETE");
  EXPECT_EQ(server.requests().back().header("mcp-session-id"), "s1");
}

TEST_F(HttpChannelTest, AServerThatAnswersUnintroducedIsIntroducedAllTheSame) {
  const HttpStandIn server([](const StandInRequest& request) -> StandInReply {
    if (method_of(request) == "initialize") return result(request, introduced);
    if (method_of(request) == "tools/list") return result(request, old_tool);
    return request.method == "POST" && request.body.contains("\"id\"")
               ? said(request)
               : StandInReply{.status = 202};
  });
  ASSERT_TRUE(call(client_of(server)));
  EXPECT_EQ(client->health().era, McpEra::legacy);
}

TEST_F(HttpChannelTest, AnUnsupportedVersionIsTheServersWordOnTheEra) {
  std::string supported = R"(["2030-01-01"])";
  const HttpStandIn server([&](const StandInRequest& request) {
    return error(
        request, 400,
        fmt::format(R"({{"code":-32022,"message":"no","data":{{"supported":{}}}}})", supported));
  });
  const auto refused = call(client_of(server));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().cause, McpCause::rejected);
  EXPECT_EQ(methods(server), (Methods{"tools/list"})) << "no use in asking again";
  supported = R"(["2026-07-28"])";
  EXPECT_FALSE(call(client_of(server)));
  EXPECT_EQ(methods(server).size(), 3U) << "once more, not for ever";
}

TEST_F(HttpChannelTest, AnUnknownSessionIsOpenedAgainAndTheCallRepeated) {
  for (const unsigned status : {400U, 404U}) {
    std::size_t calls = 0;
    const HttpStandIn server(legacy([&](const StandInRequest& request) {
      return ++calls == 1 ? StandInReply{.status = status} : said(request);
    }));
    ASSERT_TRUE(call(client_of(server))) << status;
    EXPECT_EQ(calls, 2U);
  }
}

TEST_F(HttpChannelTest, NoticesAndRequestsComeBetweenAndAreRefusedPolitely) {
  const HttpStandIn server(legacy([](const StandInRequest& request) -> StandInReply {
    const json::value body = body_of(request);
    if (!body.as_object().contains("method")) return {.status = 202};
    const std::string token = json::serialize(body.at("params").at("_meta").at("progressToken"));
    return events(
        "id: 1\ndata:\n\n" +
            event(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})") +
            event(R"({"jsonrpc":"2.0","id":"q","method":"sampling/createMessage","params":{}})") +
            event(fmt::format(
                R"({{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":{},"progress":1}}}})",
                token)) +
            event("no JSON") + event(answer(request, "result", R"({"content":[]})")),
        StandInEnd::keep);
  }));
  McpClient& of = client_of(server);
  ASSERT_TRUE(call(of));
  ASSERT_TRUE(call(of));
  std::size_t lists = 0;
  for (const std::string& method : methods(server)) lists += method == "tools/list" ? 1U : 0U;
  EXPECT_EQ(lists, 3U) << "a changed list is asked for again";
}

TEST_F(HttpChannelTest, ABrokenLegacyStreamIsTakenUpAgain) {
  std::string pending;
  const HttpStandIn server(legacy([&](const StandInRequest& request) -> StandInReply {
    if (request.method == "GET") return events(event(pending, "e2"));
    pending = answer(request, "result", R"({"content":[{"type":"text","text":"late"}]})");
    return events("retry: 10\n" + event(R"({"jsonrpc":"2.0","method":"x"})", "e1"),
                  StandInEnd::close);
  }));
  const auto late = call(client_of(server));
  ASSERT_TRUE(late) << late.error().message;
  EXPECT_EQ(late->text, "late");
  EXPECT_EQ(server.requests().back().header("last-event-id"), "e1");
  EXPECT_EQ(server.requests().back().header("mcp-session-id"), "s1");
}

TEST_F(HttpChannelTest, ABrokenModernCallIsUnknownAndNeverRepeated) {
  std::size_t calls = 0;
  StandInReply reply;
  const HttpStandIn server(modern([&](const StandInRequest&) {
    ++calls;
    return reply;
  }));
  McpClient& of = client_of(server);
  const std::vector<std::pair<StandInReply, McpCause>> endings = {
      {{.end = StandInEnd::drop}, McpCause::lost},
      {events(event(R"({"jsonrpc":"2.0","method":"x"})", "e1"), StandInEnd::close), McpCause::lost},
      {{.status = 500}, McpCause::lost},
      {{.body = "<html>"}, McpCause::bad_answer}};
  for (const auto& [ending, cause] : endings) {
    reply = ending;
    const auto lost = call(of);
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().cause, cause);
    EXPECT_TRUE(lost.error().outcome_unknown);
  }
  EXPECT_EQ(calls, endings.size());
  EXPECT_EQ(of.health().failures_in_a_row, endings.size());
}

TEST_F(HttpChannelTest, WhatWasRefusedHasAKnownOutcomeAndNoSecretInIt) {
  StandInReply reply;
  std::string why;
  const HttpStandIn server(modern([&](const StandInRequest& request) {
    return why.empty() ? reply : error(request, 200, why);
  }));
  McpClient& of = client_of(server);
  why = R"({"code":-32602,"message":"you sent very-secret"})";
  const auto rejected = call(of);
  ASSERT_FALSE(rejected);
  EXPECT_EQ(rejected.error().message, "The server refused: you sent [redacted] (-32602)");
  EXPECT_FALSE(rejected.error().outcome_unknown);
  why.clear();
  reply = {.status = 401};
  EXPECT_EQ(call(of).error().cause, McpCause::unauthorized);
  reply = {.status = 429, .headers = {{"Retry-After", "7"}}};
  EXPECT_EQ(call(of).error().retry_after, 7s);
}

TEST_F(HttpChannelTest, ProgressExtendsACallAndSilenceEndsIt) {
  limits.call = 300ms;
  const HttpStandIn server(modern([](const StandInRequest& request) {
    const auto token =
        json::serialize(body_of(request).at("params").at("_meta").at("progressToken"));
    // Half of the body comes, then nothing.
    std::string text = event(fmt::format(
        R"({{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":{},"progress":1}}}})",
        token));
    text += ":" + std::string(text.size() + 10, '.');
    return events(text, StandInEnd::hang_in_body);
  }));
  const auto begun = clock.steady_now();
  const auto late = call(client_of(server));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().cause, McpCause::timeout);
  EXPECT_TRUE(late.error().outcome_unknown);
  EXPECT_EQ(progress, 1);
  EXPECT_GE(clock.steady_now() - begun, 300ms);
  EXPECT_TRUE(server.wait_for_closed(1)) << "the closed response tells the server";
}

TEST_F(HttpChannelTest, PagesAreFollowedUpToALimit) {
  limits.list_pages = 3;
  std::size_t pages = 0;
  const HttpStandIn server([&](const StandInRequest& request) {
    ++pages;
    return result(request, fmt::format(R"({{"resultType":"complete","nextCursor":"c{}","tools":[
                      {{"name":"t{}","inputSchema":{{"type":"object"}}}}, {{"name":"bad"}}]}})",
                                       pages, pages));
  });
  const auto tools = run_task(context, client_of(server).list_tools());
  ASSERT_TRUE(tools);
  EXPECT_EQ((*tools)->size(), 3U);
  EXPECT_EQ(body_of(server.requests()[1]).at("params").at("cursor"), "c1");
}

}  // namespace
}  // namespace bellpull
