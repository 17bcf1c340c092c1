// One MCP server as its user sees it: its tools, and a call of one.
//
// The list is kept as long as the server says, within bounds; it is asked for again when the server
// says that it has changed, when it is another process, or after a failure. A tool is only ever
// called after its list came, so finding out a server's era never calls a tool.
//
// Lifetime: outlives every call; the owner awaits stop() before it goes. Threads: the executor's.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "mcp/channel.h"
#include "mcp/mcp_failure.h"
#include "mcp/protocol.h"
#include "mcp/server_settings.h"
#include "mcp/tool.h"
#include "mcp/tool_result.h"

namespace bellpull {

struct McpToolCall {
  std::string tool;
  boost::json::object arguments;
  std::string fingerprint;                  // of the tool that was approved; empty: any
  SteadyTime deadline = SteadyTime::max();  // the server's own limits count as well
  std::function<void(const McpProgress&)> on_progress;
};

// How a server has been doing. A tool's own failure counts for nothing in it.
struct McpHealth {
  std::uint64_t failures_in_a_row = 0;
  std::string last_failure;
  std::optional<McpEra> era;
};

class McpClient {
 public:
  McpClient(std::string name, std::unique_ptr<McpChannel> channel, McpLimits limits,
            const Clock& clock, Log& log);
  ~McpClient();
  McpClient(const McpClient&) = delete;
  McpClient& operator=(const McpClient&) = delete;

  using Tools = std::shared_ptr<const std::vector<McpTool>>;  // shared with who is reading it

  Task<std::expected<Tools, McpFailure>> list_tools();
  // An unknown tool, and one with another fingerprint, is `rejected` without asking the server.
  Task<std::expected<McpToolResult, McpFailure>> call_tool(McpToolCall call);

  McpHealth health() const;
  const std::string& name() const { return name_; }
  Task<void> stop();

 private:
  using Reply = std::expected<boost::json::object, McpFailure>;

  Task<Reply> ask(McpCall call);
  Task<Reply> next_page(std::string cursor);
  Task<std::expected<McpToolResult, McpFailure>> call_known(McpTool tool, McpToolCall call);
  McpToolResult read_redacted(boost::json::object result) const;
  void keep_tools(const boost::json::object& page, std::vector<McpTool>& tools);
  McpFailure no_tool(const std::vector<McpTool>& tools, std::string_view name) const;
  void note(const Reply& reply);

  const std::string name_;
  const McpLimits limits_;
  const std::unique_ptr<McpChannel> channel_;
  const Clock& clock_;
  Log& log_;

  Tools tools_;
  SteadyTime tools_until_;
  std::uint64_t failures_in_a_row_ = 0;
  std::string last_failure_;
};

}  // namespace bellpull
