#include "action/mcp.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "action/action.h"
#include "action/input_fields.h"
#include "action/outcome.h"
#include "action/shape.h"
#include "base/json.h"
#include "base/task.h"
#include "mcp/mcp_client.h"
#include "mcp/mcp_failure.h"
#include "mcp/mcp_servers.h"
#include "mcp/tool_result.h"

namespace bellpull {

namespace json = boost::json;

namespace {

std::string no_server(const McpServers& servers, std::string_view name) {
  std::string known;
  for (const std::string& one : servers.names()) known += (known.empty() ? "" : ", ") + one;
  if (known.empty()) {
    return fmt::format("There is no MCP server {}: none is declared in the configuration", name);
  }
  return fmt::format("There is no MCP server {}; the declared ones are {}", name, known);
}

// A text is JSON that a model or YAML wrote.
json::object arguments_of(InputFields& fields, const ActionRequest& request) {
  const auto* const given = fields.find("arguments");
  if (given == nullptr) return request.arguments;
  if (given->is_object()) return given->get_object();
  if (given->is_string()) {
    auto parsed = parse_foreign(given->get_string());
    if (parsed && parsed->is_object()) return std::move(parsed->get_object());
  }
  fields.add_problem("arguments must be a map");
  return {};
}

ActionOutcome failed(const McpFailure& failure) {
  json::object result;
  result["error"] =
      failure.outcome_unknown ? json::string("outcome_unknown") : json::string(failure.message);
  if (failure.outcome_unknown) result["message"] = failure.message;
  result["cause"] = to_string(failure.cause);
  return {
      .result = std::move(result), .is_error = true, .outcome_unknown = failure.outcome_unknown};
}

ActionOutcome outcome_of(McpToolResult result) {
  if (result.is_error) return error_outcome(result.text);
  if (!result.structured.is_null()) return {.result = std::move(result.structured)};
  return {.result = json::string(result.text)};
}

}  // namespace

const ActionShape& McpAction::shape() const {
  static const ActionShape shape{.main = "tool",
                                 .fields = {"server", "arguments", "fingerprint", "repeatable"}};
  return shape;
}

// Only its author knows; what a server says of its tools is not to be trusted.
bool McpAction::is_idempotent(const ActionRequest& request) const {
  InputFields fields(request.input);
  return fields.flag("repeatable");
}

Task<ActionOutcome> McpAction::execute(ActionRequest request) {
  InputFields fields(request.input);
  const std::string server = fields.required_text("server");
  McpToolCall call{.tool = fields.required_text("tool")};
  call.arguments = arguments_of(fields, request);
  call.fingerprint = fields.text("fingerprint");
  call.deadline = request.deadline;
  if (const std::string problems = fields.problems(); !problems.empty()) {
    co_return error_outcome(problems);
  }
  McpClient* const client = servers_.find(server);
  if (client == nullptr) co_return error_outcome(no_server(servers_, server));
  auto result = co_await client->call_tool(std::move(call));
  if (!result) co_return failed(result.error());
  co_return outcome_of(std::move(*result));
}

}  // namespace bellpull
