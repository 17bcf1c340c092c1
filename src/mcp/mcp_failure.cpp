#include "mcp/mcp_failure.h"

#include <string_view>

namespace bellpull {

std::string_view to_string(McpCause cause) {
  switch (cause) {
    case McpCause::unreachable:
      return "unreachable";
    case McpCause::unauthorized:
      return "unauthorized";
    case McpCause::rejected:
      return "rejected";
    case McpCause::bad_answer:
      return "bad_answer";
    case McpCause::lost:
      return "connection_lost";
    case McpCause::timeout:
      return "timeout";
    case McpCause::canceled:
      return "canceled";
    case McpCause::needs_input:
      return "needs_input";
  }
  return "unknown";
}

}  // namespace bellpull
