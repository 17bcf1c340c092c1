#include "mcp/notice.h"

#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/value.hpp>

#include "mcp/channel.h"
#include "mcp/rpc_message.h"

namespace bellpull {

std::optional<McpProgress> progress_of(const RpcMessage& notice, std::int64_t id) {
  if (notice.method != "notifications/progress") return std::nullopt;
  const auto* const token = notice.params.if_contains("progressToken");
  if (token == nullptr || *token != id) return std::nullopt;
  McpProgress progress;
  const auto* const done = notice.params.if_contains("progress");
  if (done != nullptr && done->is_number()) progress.done = done->to_number<double>();
  const auto* const total = notice.params.if_contains("total");
  if (total != nullptr && total->is_number()) progress.total = total->to_number<double>();
  const auto* const message = notice.params.if_contains("message");
  if (message != nullptr && message->is_string()) progress.message = message->get_string();
  return progress;
}

}  // namespace bellpull
