// Notices that a server sends between answers.
#pragma once

#include <cstdint>
#include <optional>

#include "mcp/channel.h"
#include "mcp/rpc_message.h"

namespace bellpull {

// The progress of our request with that id, when the notice tells of it.
std::optional<McpProgress> progress_of(const RpcMessage& notice, std::int64_t id);

}  // namespace bellpull
