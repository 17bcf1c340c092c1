// How asking an MCP server can fail: by the way there or by the protocol, which tells about the
// server's health. That a tool itself failed is a result (tool_result.h), for the model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace bellpull {

enum class McpCause : std::uint8_t {
  unreachable,   // not started, not connected, or refused by the egress guard
  unauthorized,  // 401 or 403: the declared credentials are not taken
  rejected,      // the server answered with an error of the protocol
  bad_answer,    // what it said is not MCP, or too large
  lost,          // the connection or the process ended before the answer
  timeout,
  canceled,
  needs_input,  // the tool asks a person or a model, which nobody here can answer
};

// "connection_lost".
std::string_view to_string(McpCause cause);

struct McpFailure {
  McpCause cause = McpCause::unreachable;
  std::string message;  // for people and models, one sentence; never holds a secret
  // The request had been sent and what became of it is not known: a tool may have had its effect.
  bool outcome_unknown = false;
  std::optional<int> code = std::nullopt;              // `rejected`: of JSON-RPC
  std::optional<Duration> retry_after = std::nullopt;  // not before, when somebody said so
};

}  // namespace bellpull
