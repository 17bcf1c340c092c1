#include "mcp/mcp_servers.h"

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/http_client.h"
#include "mcp/channel.h"
#include "mcp/http_channel.h"
#include "mcp/mcp_client.h"
#include "mcp/server_settings.h"
#include "mcp/stdio_channel.h"

namespace bellpull {

namespace {

std::unique_ptr<McpChannel> channel_to(const McpServerSettings& server,
                                       const boost::asio::any_io_executor& executor,
                                       HttpClient& client, const Clock& clock, Log& log) {
  if (const auto* const command = std::get_if<StdioCommand>(&server.at)) {
    return std::make_unique<StdioChannel>(executor, server.name, *command, server.era,
                                          server.limits, clock, log);
  }
  return std::make_unique<HttpChannel>(executor, std::get<McpEndpoint>(server.at), server.era,
                                       server.limits, client, clock);
}

}  // namespace

McpServers::McpServers(const boost::asio::any_io_executor& executor,
                       std::vector<McpServerSettings> declared, HttpClient& client,
                       const Clock& clock, Log& log)
    : executor_(executor) {
  for (const McpServerSettings& server : declared) {
    clients_.emplace(server.name, std::make_unique<McpClient>(
                                      server.name, channel_to(server, executor, client, clock, log),
                                      server.limits, clock, log));
  }
}

std::vector<std::string> McpServers::names() const {
  std::vector<std::string> names;
  for (const auto& [name, client] : clients_) names.push_back(name);
  return names;
}

McpClient* McpServers::find(std::string_view name) const {
  const auto found = clients_.find(name);
  return found == clients_.end() ? nullptr : found->second.get();
}

Task<void> McpServers::stop() {
  TaskGroup stopping(executor_, [](const std::exception_ptr&) {});
  for (const auto& [name, client] : clients_) stopping.start(client->stop());
  co_await stopping.join();
}

}  // namespace bellpull
