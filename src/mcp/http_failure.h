// Why a request to an MCP endpoint has no result.
#pragma once

#include "base/time.h"
#include "egress/http_call.h"
#include "mcp/mcp_failure.h"
#include "mcp/rpc_message.h"
#include "mcp/server_settings.h"

namespace bellpull {

McpFailure failure_of_error(const RpcError& error);
McpFailure failure_of_mcp_transport(const HttpFailure& failure);
// A reply in which no answer was found.
McpFailure failure_of_reply(const HttpReply& reply, bool was_stream, TimePoint now);
McpFailure late_answer(const McpLimits& limits);

}  // namespace bellpull
