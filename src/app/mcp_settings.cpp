#include "app/mcp_settings.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <toml++/toml.h>  // IWYU pragma: keep

#include "app/named_table.h"
#include "app/settings.h"
#include "base/result.h"
#include "egress/allow_list.h"
#include "mcp/protocol.h"
#include "mcp/server_settings.h"

namespace bellpull {

namespace {

constexpr auto keys =
    std::to_array<std::string_view>({"command", "directory", "environment", "url", "headers", "era",
                                     "start_timeout", "call_timeout", "longest_call"});

std::vector<std::string> read_command(NamedTable& table) {
  std::vector<std::string> command = table.list("command");
  if (!command.empty() && command.front().empty()) {
    table.complain("command", "must begin with a program");
  }
  return command;
}

StdioCommand read_stdio(NamedTable& table) {
  for (const std::string_view key : {"url", "headers"}) {
    if (table.has(key)) table.complain(key, "is not of a server with a command");
  }
  StdioCommand command{.command = read_command(table),
                       .environment = table.filled_texts("environment"),
                       .directory = table.text("directory")};
  command.secrets = table.secrets();
  return command;
}

McpEndpoint read_endpoint(NamedTable& table) {
  for (const std::string_view key : {"directory", "environment"}) {
    if (table.has(key)) table.complain(key, "is not of a server with a url");
  }
  McpEndpoint endpoint{.url = table.text("url")};
  for (auto& [name, value] : table.filled_texts("headers")) {
    endpoint.headers.push_back({name, value});
  }
  if (endpoint.url.empty()) return endpoint;
  auto allowance = Allowance::for_url(endpoint.url);
  if (allowance) {
    endpoint.allowance = std::move(*allowance);
  } else {
    table.complain("url", "must be the URL of an MCP endpoint: " + allowance.error().message);
  }
  return endpoint;
}

McpEraChoice read_era(NamedTable& table) {
  const std::string era = table.text("era");
  if (era == "legacy") return McpEraChoice::legacy;
  if (era == "modern") return McpEraChoice::modern;
  if (!era.empty() && era != "automatic") {
    table.complain("era", "must be one of automatic, legacy, modern");
  }
  return McpEraChoice::automatic;
}

McpServerSettings read_server(NamedTable& table, const std::string& name) {
  table.check_keys(keys);
  McpServerSettings server{.name = name, .era = read_era(table)};
  table.duration("start_timeout", server.limits.start);
  table.duration("call_timeout", server.limits.call);
  table.duration("longest_call", server.limits.longest_call);
  server.limits.longest_call = std::max(server.limits.longest_call, server.limits.call);
  if (table.has("command")) {
    server.at = read_stdio(table);
  } else if (table.has("url")) {
    server.at = read_endpoint(table);
  } else {
    table.complain("command", "or url is missing");
  }
  return server;
}

}  // namespace

// NOLINTNEXTLINE(misc-include-cleaner): toml++ is meant to be included by one header only.
Result<std::vector<McpServerSettings>> read_mcp_settings(const toml::table& servers,
                                                         const Environment& environment) {
  return read_named_tables<McpServerSettings>(servers, "mcp", environment, "docs/operate/mcp.md",
                                              read_server);
}

}  // namespace bellpull
