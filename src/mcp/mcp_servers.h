// The servers that the operator declared, by their names.
//
// Lifetime: outlives every call; the owner awaits stop() before it goes. Threads: the executor's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/http_client.h"
#include "mcp/mcp_client.h"
#include "mcp/server_settings.h"

namespace bellpull {

class McpServers {
 public:
  McpServers(const boost::asio::any_io_executor& executor, std::vector<McpServerSettings> declared,
             HttpClient& client, const Clock& clock, Log& log);

  std::vector<std::string> names() const;
  // Null when none has that name.
  McpClient* find(std::string_view name) const;

  // Ends every session and process, all at the same time.
  Task<void> stop();

 private:
  const boost::asio::any_io_executor executor_;
  std::map<std::string, std::unique_ptr<McpClient>, std::less<>> clients_;
};

}  // namespace bellpull
