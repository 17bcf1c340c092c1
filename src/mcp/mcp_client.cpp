#include "mcp/mcp_client.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/redaction.h"
#include "mcp/channel.h"
#include "mcp/header_value.h"
#include "mcp/input_request.h"
#include "mcp/mcp_failure.h"
#include "mcp/server_settings.h"
#include "mcp/tool.h"
#include "mcp/tool_result.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr unsigned max_input_rounds = 4;
constexpr Duration least_kept = std::chrono::seconds{10};
constexpr Duration usually_kept = std::chrono::minutes{15};
constexpr Duration longest_kept = std::chrono::hours{1};
constexpr std::size_t max_cursor_bytes = 4096;
constexpr std::size_t max_named_tools = 40;  // in a failure

// `ttlMs` is of the modern era; a legacy server tells of changes, where it has a way to.
Duration time_to_keep(const json::object& page) {
  const auto* const said = page.if_contains("ttlMs");
  if (said == nullptr || !said->is_int64()) return usually_kept;
  return std::clamp(Duration{said->get_int64()}, least_kept, longest_kept);
}

std::string cursor_of(const json::object& page) {
  const auto* const cursor = page.if_contains("nextCursor");
  return cursor != nullptr && cursor->is_string() ? std::string(cursor->get_string())
                                                  : std::string();
}

}  // namespace

McpClient::McpClient(std::string name, std::unique_ptr<McpChannel> channel, McpLimits limits,
                     const Clock& clock, Log& log)
    : name_(std::move(name)),
      limits_(limits),
      channel_(std::move(channel)),
      clock_(clock),
      log_(log) {}

McpClient::~McpClient() = default;

Task<McpClient::Reply> McpClient::ask(McpCall call) {
  Reply reply = co_await channel_->ask(std::move(call));
  note(reply);
  co_return reply;
}

// That we gave up is nothing that the server did.
void McpClient::note(const Reply& reply) {
  if (reply) {
    failures_in_a_row_ = 0;
    return;
  }
  if (reply.error().cause == McpCause::canceled) return;
  ++failures_in_a_row_;
  last_failure_ = reply.error().message;
  log_.warning("mcp", "a server failed",
               {{"server", json::value(name_)}, {"why", json::value(last_failure_)}});
}

// A list that was lost on its way is asked for once more: that changes nothing.
Task<McpClient::Reply> McpClient::next_page(std::string cursor) {
  McpCall call{.method = "tools/list", .is_repeatable = true};
  if (!cursor.empty()) call.params["cursor"] = cursor;
  Reply page = co_await ask(call);
  const bool was_lost = !page && page.error().cause == McpCause::lost;
  if (!was_lost) co_return page;
  co_return co_await ask(std::move(call));
}

Task<std::expected<McpClient::Tools, McpFailure>> McpClient::list_tools() {
  if (channel_->take_changed() || !channel_->era()) tools_.reset();
  if (tools_ && clock_.steady_now() < tools_until_) co_return tools_;
  auto tools = std::make_shared<std::vector<McpTool>>();
  Duration kept = longest_kept;
  std::string cursor;
  for (std::size_t pages = 0; pages < limits_.list_pages; ++pages) {
    Reply page = co_await next_page(cursor);
    if (!page) co_return std::unexpected(std::move(page.error()));
    keep_tools(*page, *tools);
    kept = std::min(kept, time_to_keep(*page));
    std::string next = cursor_of(*page);
    const bool is_last = next.empty() || next == cursor || next.size() > max_cursor_bytes;
    if (is_last || tools->size() >= limits_.tools) break;
    cursor = std::move(next);
  }
  channel_->take_changed();
  tools_ = tools;
  tools_until_ = clock_.steady_now() + kept;
  co_return tools_;
}

// A tool that cannot be offered is left out and told of; the others are none the worse.
void McpClient::keep_tools(const json::object& page, std::vector<McpTool>& tools) {
  const auto* const list = page.if_contains("tools");
  if (list == nullptr || !list->is_array()) return;
  for (const json::value& value : list->get_array()) {
    if (tools.size() >= limits_.tools) {
      log_.warning("mcp", "a server has too many tools",
                   {{"server", json::value(name_)}, {"kept", json::value(limits_.tools)}});
      return;
    }
    auto tool = read_tool(value);
    if (!tool) {
      const auto* const object = value.if_object();
      const auto* const named = object == nullptr ? nullptr : object->if_contains("name");
      log_.warning("mcp", "a tool cannot be offered",
                   {{"server", json::value(name_)},
                    {"tool", named == nullptr ? json::value() : *named},
                    {"why", json::value(tool.error().message)}});
      continue;
    }
    const std::string function = function_name(name_, tool->name);
    const bool is_taken = std::ranges::any_of(
        tools, [&](const McpTool& one) { return function_name(name_, one.name) == function; });
    if (!is_taken) tools.push_back(std::move(*tool));
  }
}

McpFailure McpClient::no_tool(const std::vector<McpTool>& tools, std::string_view name) const {
  std::string known;
  for (std::size_t i = 0; i < std::min(tools.size(), max_named_tools); ++i) {
    known += (known.empty() ? "" : ", ") + tools[i].name;
  }
  if (tools.size() > max_named_tools) known += ", ...";
  return {.cause = McpCause::rejected,
          .message = fmt::format("The server {} has no tool {}; its tools are {}", name_, name,
                                 known.empty() ? "none" : known)};
}

Task<std::expected<McpToolResult, McpFailure>> McpClient::call_tool(McpToolCall call) {
  auto tools = co_await list_tools();
  if (!tools) co_return std::unexpected(std::move(tools.error()));
  const auto tool = std::ranges::find(**tools, call.tool, &McpTool::name);
  if (tool == (*tools)->end()) {
    co_return std::unexpected(no_tool(**tools, call.tool));
  }
  if (!call.fingerprint.empty() && call.fingerprint != tool->fingerprint) {
    co_return std::unexpected(
        McpFailure{McpCause::rejected,
                   fmt::format("The tool {} is not what was approved: its fingerprint is now {}",
                               call.tool, tool->fingerprint)});
  }
  co_return co_await call_known(*tool, std::move(call));
}

Task<std::expected<McpToolResult, McpFailure>> McpClient::call_known(McpTool tool,
                                                                     McpToolCall call) {
  McpCall wanted{.method = "tools/call",
                 .params = {{"name", tool.name}, {"arguments", call.arguments}},
                 .subject = tool.name,
                 .headers = parameter_headers(tool.mirrored, call.arguments),
                 .on_progress = call.on_progress,
                 .deadline = call.deadline};
  // What a tool asks back is nothing that anybody here can answer; it is told so, and may go on.
  for (unsigned round = 0; round < max_input_rounds; ++round) {
    Reply result = co_await ask(wanted);
    if (!result) co_return std::unexpected(std::move(result.error()));
    if (!asks_for_input(*result)) co_return read_redacted(std::move(*result));
    auto declined = declined_input(*result);
    if (!declined) break;
    for (const auto& name : {"inputResponses", "requestState"}) wanted.params.erase(name);
    for (auto& [name, value] : *declined) wanted.params[name] = std::move(value);
  }
  co_return std::unexpected(McpFailure{
      McpCause::needs_input,
      fmt::format("The tool {} asks for input of a person or a model, which is not supported",
                  tool.name)});
}

McpToolResult McpClient::read_redacted(json::object result) const {
  json::value shown(std::move(result));
  redact(shown, channel_->redactor());
  return read_tool_result(shown.get_object(), limits_.result_bytes);
}

McpHealth McpClient::health() const {
  return {.failures_in_a_row = failures_in_a_row_,
          .last_failure = last_failure_,
          .era = channel_->era()};
}

Task<void> McpClient::stop() { return channel_->stop(); }

}  // namespace bellpull
