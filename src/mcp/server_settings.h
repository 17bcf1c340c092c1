// A server as its operator declared it. Abilities only name it: what reaches this machine is never
// theirs to say.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "egress/allow_list.h"
#include "egress/http_call.h"
#include "mcp/protocol.h"

namespace bellpull {

// A program that speaks over its standard input and output. No shell sees any of it.
struct StdioCommand {
  std::vector<std::string> command;  // the program, looked up in PATH, and its arguments
  std::map<std::string, std::string> environment;  // beside PATH, HOME and LANG
  std::string directory;                           // where it runs
  std::vector<std::string> secrets;  // that stand in `environment`; nobody gets to read them
};

// An endpoint of Streamable HTTP.
struct McpEndpoint {
  std::string url;
  std::vector<HttpField> headers;  // secret: a bearer token, a key
  std::optional<Allowance> allowance = std::nullopt;
};

struct McpLimits {
  Duration start = std::chrono::seconds{10};    // until a server is ready to be asked
  Duration discover = std::chrono::seconds{3};  // of that, for finding out the era over stdio
  Duration call = std::chrono::seconds{60};     // one request; each sign of progress begins it anew
  Duration longest_call = std::chrono::minutes{10};  // and this is the end of it
  std::size_t message_bytes = std::size_t{8} << 20;  // one message of the server
  std::size_t result_bytes = std::size_t{1} << 20;   // of a result, for the model
  std::size_t tools = 256;
  std::size_t list_pages = 32;
};

struct McpServerSettings {
  std::string name;  // [a-z0-9-]{1,24}
  std::variant<StdioCommand, McpEndpoint> at;
  McpEraChoice era = McpEraChoice::automatic;
  McpLimits limits;
};

}  // namespace bellpull
