#include "action/mcp.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "action/action.h"
#include "base/log.h"
#include "base/time.h"
#include "egress/allow_list.h"
#include "egress/http_client.h"
#include "egress/resolver.h"
#include "mcp/mcp_servers.h"
#include "mcp/server_settings.h"
#include "support/http_stand_in.h"
#include "support/run_task.h"

namespace bellpull {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

class McpActionTest : public testing::Test {
 protected:
  StandInReply answer(const StandInRequest& request) {
    const json::value asked = json::parse(request.body);
    if (asked.at("method") == "tools/call") {
      called = json::serialize(asked.at("params").at("arguments"));
      if (drops) return {.end = StandInEnd::drop};
    }
    const std::string_view result = asked.at("method") == "tools/call"
                                        ? std::string_view(call_result)
                                        : R"({"resultType":"complete","tools":[
          {"name":"get","inputSchema":{"type":"object"}}]})";
    return {.body = fmt::format(R"({{"jsonrpc":"2.0","id":{},"result":{}}})",
                                json::serialize(asked.at("id")), result)};
  }

  ActionOutcome run(std::string_view input, json::object arguments = {}) {
    ActionRequest request{.input = json::parse(input).as_object(),
                          .arguments = std::move(arguments),
                          .deadline = clock.steady_now() + std::chrono::seconds{10}};
    return run_task(context, action.execute(std::move(request)));
  }
  static std::string text(const ActionOutcome& outcome) { return json::serialize(outcome.result); }

  std::string called;
  std::string call_result =
      R"({"resultType":"complete","content":[{"type":"text","text":"fine"}]})";
  bool drops = false;
  HttpStandIn server{[this](const StandInRequest& request) { return answer(request); }};
  boost::asio::io_context context{1};
  SystemClock clock;
  Log log{LogFormat::text, LogLevel::error};
  DnsResolver resolver{context.get_executor(), clock};
  HttpClient client{context.get_executor(), {}, {resolver, resolver}, clock};
  McpServers servers{context.get_executor(),
                     {{.name = "orders",
                       .at = McpEndpoint{.url = server.url(),
                                         .allowance = Allowance::for_url(server.url()).value()}}},
                     client,
                     clock,
                     log};
  McpAction action{servers};
};

TEST_F(McpActionTest, TheToolGetsItsArgumentsOrTheAbilitys) {
  EXPECT_EQ(text(run(R"({"server":"orders","tool":"get","arguments":{"id":1}})", {{"x", 2}})),
            R"("fine")");
  EXPECT_EQ(called, R"({"id":1})");
  run(R"({"server":"orders","tool":"get"})", {{"x", 2}});
  EXPECT_EQ(called, R"({"x":2})");
}

TEST_F(McpActionTest, AToolsFailureAndAnUnknownOutcomeAreToldApart) {
  call_result =
      R"({"resultType":"complete","isError":true,"content":[{"type":"text","text":"no paper"}]})";
  const ActionOutcome failed = run(R"({"server":"orders","tool":"get"})");
  EXPECT_TRUE(failed.is_error);
  EXPECT_EQ(text(failed), R"({"error":"no paper"})");
  drops = true;
  EXPECT_THAT(text(run(R"({"server":"orders","tool":"get"})")), HasSubstr("outcome_unknown"));
}

TEST_F(McpActionTest, UnknownNamesAndMissingFieldsSayWhatToTypeNext) {
  EXPECT_THAT(text(run(R"({"server":"order","tool":"get"})")),
              HasSubstr("declared ones are orders"));
  EXPECT_THAT(text(run(R"({"server":"orders","tool":"set"})")), HasSubstr("its tools are get"));
  const std::string both = text(run("{}"));
  EXPECT_THAT(both, HasSubstr("server"));
  EXPECT_THAT(both, HasSubstr("tool"));
}

TEST_F(McpActionTest, AToolThatIsNotWhatWasApprovedIsNotCalled) {
  const std::string refused = text(run(R"({"server":"orders","tool":"get","fingerprint":"0123"})"));
  EXPECT_THAT(refused, HasSubstr("not what was approved"));
  EXPECT_EQ(called, "");
}

TEST_F(McpActionTest, OnlyItsAuthorSaysThatACallMayBeRepeated) {
  EXPECT_FALSE(action.is_idempotent({.input = {{"server", "orders"}, {"tool", "get"}}}));
  EXPECT_TRUE(action.is_idempotent({.input = {{"tool", "get"}, {"repeatable", true}}}));
}

}  // namespace
}  // namespace bellpull
