#include "mcp/http_failure.h"

#include <chrono>
#include <cstddef>
#include <string>

#include <fmt/core.h>

#include "base/text.h"
#include "base/time.h"
#include "egress/http_call.h"
#include "mcp/mcp_failure.h"
#include "mcp/rpc_message.h"
#include "mcp/server_settings.h"

namespace bellpull {

namespace {

constexpr std::size_t max_message_bytes = 1000;

}  // namespace

McpFailure failure_of_error(const RpcError& error) {
  std::string said = valid_text(cut_at_character(error.message, max_message_bytes));
  if (said.empty()) said = "no reason given";
  return {.cause = McpCause::rejected,
          .message = fmt::format("The server refused: {} ({})", said, error.code),
          .code = static_cast<int>(error.code)};
}

McpFailure failure_of_mcp_transport(const HttpFailure& failure) {
  switch (failure.cause) {
    case HttpCause::refused_by_guard:
    case HttpCause::dns:
    case HttpCause::connect:
    case HttpCause::tls:
    case HttpCause::bad_url:
    case HttpCause::too_many_redirects:
      return {.cause = McpCause::unreachable, .message = failure.message};
    case HttpCause::timeout:
      return {.cause = McpCause::timeout, .message = failure.message, .outcome_unknown = true};
    case HttpCause::canceled:
      return {.cause = McpCause::canceled, .message = failure.message, .outcome_unknown = true};
    case HttpCause::too_large:
      return {.cause = McpCause::bad_answer, .message = failure.message, .outcome_unknown = true};
    case HttpCause::connection_lost:
      break;
  }
  return {.cause = McpCause::lost, .message = failure.message, .outcome_unknown = true};
}

McpFailure failure_of_reply(const HttpReply& reply, bool was_stream, TimePoint now) {
  if (reply.status == 401 || reply.status == 403) {
    return {.cause = McpCause::unauthorized,
            .message = fmt::format(
                "The server does not accept the declared credentials (status {})", reply.status)};
  }
  if (reply.status == 429 || reply.status == 503) {
    return {.cause = McpCause::unreachable,
            .message = fmt::format("The server takes no requests now (status {})", reply.status),
            .retry_after = retry_after(reply.header("retry-after").value_or(""), now)};
  }
  if (reply.status >= 500) {
    return {.cause = McpCause::lost,
            .message = fmt::format("The server failed (status {})", reply.status),
            .outcome_unknown = true};
  }
  if (reply.status >= 300) {
    return {.cause = McpCause::rejected,
            .message = fmt::format("The server refused the request (status {})", reply.status)};
  }
  if (was_stream) {
    return {.cause = McpCause::lost,
            .message = "The stream ended before the answer",
            .outcome_unknown = true};
  }
  return {.cause = McpCause::bad_answer,
          .message = "What the server answered is no MCP message",
          .outcome_unknown = true};
}

McpFailure late_answer(const McpLimits& limits) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limits.call).count();
  return {.cause = McpCause::timeout,
          .message = fmt::format("No answer and no sign of progress within {} s", seconds),
          .outcome_unknown = true};
}

}  // namespace bellpull
