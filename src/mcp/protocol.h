// The two eras of MCP, and what each puts around a request.
//
// "Legacy" is every revision up to 2025-11-25: a session is opened by `initialize`. "Modern" is
// 2026-07-28: nothing is opened, and each request says its version and capabilities itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "mcp/rpc_message.h"

namespace bellpull {

enum class McpEra : std::uint8_t { legacy, modern };

// What an operator may say about a server; `automatic` finds out.
enum class McpEraChoice : std::uint8_t { automatic, legacy, modern };

inline constexpr std::string_view modern_version = "2026-07-28";
inline constexpr std::string_view newest_legacy_version = "2025-11-25";

bool is_known_legacy_version(std::string_view version);

// `params` of a modern request with the `_meta` that each must carry.
boost::json::object with_modern_meta(boost::json::object params);
// A progress token, in `_meta` of either era.
void ask_for_progress(boost::json::object& params, std::int64_t token);

boost::json::object initialize_params();

// The error codes that only a modern server uses: it is one, whatever the status says.
bool is_modern_error(const RpcError& error);
// Of an unsupported version, which era the server's `data.supported` leaves to us; nothing when we
// speak none of them.
std::optional<McpEra> era_offered_by(const RpcError& error);

}  // namespace bellpull
