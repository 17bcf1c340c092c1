// For tests/mcp: does what an MCP client is asked to, one JSON line on stdin at a time, one line of
// JSON on stdout for each. The server is an URL, or a command with its arguments.
//
//   {"do": "list"}  {"do": "call", "tool": "...", "arguments": {...}, "cancel": ms}  {"do":
//   "health"}
//
// Lines of `list` and `call` are begun at once, so that calls run side by side; answers carry the
// number of their line. MCP_PROBE_ERA, MCP_PROBE_DIRECTORY, MCP_PROBE_CALL_MS and MCP_PROBE_ENV_*
// set what the operator would.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/allow_list.h"
#include "egress/http_client.h"
#include "egress/resolver.h"
#include "mcp/mcp_client.h"
#include "mcp/mcp_servers.h"
#include "mcp/server_settings.h"
#include "mcp/tool.h"

namespace {

using namespace bellpull;
namespace asio = boost::asio;
namespace json = boost::json;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

McpServerSettings server_of(const std::vector<std::string>& arguments) {
  McpServerSettings server{.name = "probe"};
  const std::string era = variable("MCP_PROBE_ERA");
  if (era == "legacy") server.era = McpEraChoice::legacy;
  if (era == "modern") server.era = McpEraChoice::modern;
  const std::string call = variable("MCP_PROBE_CALL_MS");
  if (!call.empty()) server.limits.call = Duration{std::stoll(call)};
  const std::string& first = arguments.at(0);
  if (first.starts_with("http://")) {
    server.at = McpEndpoint{.url = first, .allowance = Allowance::for_url(first).value()};
    return server;
  }
  StdioCommand command{.command = arguments, .directory = variable("MCP_PROBE_DIRECTORY")};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    constexpr std::string_view prefix = "MCP_PROBE_ENV_";
    if (!text.starts_with(prefix)) continue;
    const std::size_t equals = text.find('=');
    const std::string name{text.substr(prefix.size(), equals - prefix.size())};
    command.environment.emplace(name, text.substr(equals + 1));
    if (name == "SECRET") command.secrets.emplace_back(text.substr(equals + 1));
  }
  server.at = command;
  return server;
}

json::object told(const McpFailure& failure) {
  return {{"failure", failure.message},
          {"cause", static_cast<int>(failure.cause)},
          {"outcomeUnknown", failure.outcome_unknown}};
}

Task<json::object> list(McpClient& client) {
  auto tools = co_await client.list_tools();
  if (!tools) co_return told(tools.error());
  json::array listed;
  for (const McpTool& tool : **tools) {
    listed.push_back({{"name", tool.name},
                      {"function", function_name("probe", tool.name)},
                      {"schema", tool.input_schema},
                      {"fingerprint", tool.fingerprint}});
  }
  co_return json::object{{"tools", std::move(listed)}};
}

Task<json::object> call(McpClient& client, json::object wanted) {
  McpToolCall tool_call{.tool = std::string(wanted.at("tool").as_string())};
  if (const auto* arguments = wanted.if_contains("arguments")) {
    tool_call.arguments = arguments->as_object();
  }
  const auto progress = std::make_shared<int>(0);
  tool_call.on_progress = [progress](const McpProgress&) { ++*progress; };
  auto result = co_await client.call_tool(std::move(tool_call));
  if (!result) co_return told(result.error());
  co_return json::object{{"isError", result->is_error},
                         {"text", result->text},
                         {"structured", result->structured},
                         {"truncated", result->truncated},
                         {"progress", *progress}};
}

Task<json::object> perform(McpClient& client, json::object wanted) {
  const auto& what = wanted.at("do");
  if (what == "list") co_return co_await list(client);
  if (what == "call") co_return co_await call(client, std::move(wanted));
  const McpHealth health = client.health();
  co_return json::object{{"failures", health.failures_in_a_row},
                         {"lastFailure", health.last_failure},
                         {"era", !health.era                     ? "unknown"
                                 : *health.era == McpEra::modern ? "modern"
                                                                 : "legacy"}};
}

struct Probe {
  explicit Probe(McpServerSettings server)
      : resolver(context.get_executor(), clock),
        client(context.get_executor(), {}, {resolver, resolver}, clock),
        servers(context.get_executor(), {std::move(server)}, client, clock, log) {}

  void begin(int number, json::object wanted) {
    auto cancel = std::make_shared<asio::cancellation_signal>();
    auto timer = std::make_shared<asio::steady_timer>(context);
    if (const auto* after = wanted.if_contains("cancel")) {
      timer->expires_after(std::chrono::milliseconds{after->as_int64()});
      timer->async_wait([cancel](const boost::system::error_code& error) {
        if (!error) cancel->emit(asio::cancellation_type::terminal);
      });
    }
    asio::co_spawn(context, perform(*servers.find("probe"), std::move(wanted)),
                   asio::bind_cancellation_slot(
                       cancel->slot(), [timer, cancel, number](const std::exception_ptr& thrown,
                                                               json::object answer) {
                         timer->cancel();
                         if (thrown) answer = {{"failure", "thrown"}};
                         answer["line"] = number;
                         std::cout << json::serialize(answer) << '\n' << std::flush;
                       }));
  }

  Task<void> read_lines() {
    asio::posix::stream_descriptor input(context, ::dup(STDIN_FILENO));
    std::string buffer;
    for (int number = 1;; ++number) {
      boost::system::error_code ended;
      const std::size_t size =
          co_await asio::async_read_until(input, asio::dynamic_buffer(buffer), '\n',
                                          asio::redirect_error(asio::use_awaitable, ended));
      if (ended) break;
      begin(number, json::parse(std::string_view(buffer).substr(0, size)).as_object());
      buffer.erase(0, size);
    }
    co_await servers.stop();
    context.stop();
  }

  SystemClock clock;
  Log log{LogFormat::text, LogLevel::debug};
  asio::io_context context{1};
  DnsResolver resolver;
  HttpClient client;
  McpServers servers;
};

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  Probe probe(server_of({argv + 1, argv + argc}));
  asio::co_spawn(probe.context, probe.read_lines(), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  });
  probe.context.run();
}
