#include "mcp/protocol.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "mcp/rpc_message.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr auto legacy_versions = std::to_array<std::string_view>(
    {newest_legacy_version, "2025-06-18", "2025-03-26", "2024-11-05"});

json::object client_info() { return {{"name", "bellpull"}, {"version", "1"}}; }

json::object& meta_of(json::object& params) {
  json::value& meta = params["_meta"];
  if (!meta.is_object()) meta.emplace_object();
  return meta.get_object();
}

}  // namespace

bool is_known_legacy_version(std::string_view version) {
  return std::ranges::find(legacy_versions, version) != legacy_versions.end();
}

json::object with_modern_meta(json::object params) {
  json::object& meta = meta_of(params);
  meta["io.modelcontextprotocol/protocolVersion"] = modern_version;
  meta["io.modelcontextprotocol/clientCapabilities"] = json::object();
  meta["io.modelcontextprotocol/clientInfo"] = client_info();
  return params;
}

void ask_for_progress(json::object& params, std::int64_t token) {
  meta_of(params)["progressToken"] = token;
}

json::object initialize_params() {
  return {{"protocolVersion", newest_legacy_version},
          {"capabilities", json::object()},
          {"clientInfo", client_info()}};
}

bool is_modern_error(const RpcError& error) {
  return error.code == rpc_code::header_mismatch || error.code == rpc_code::missing_capability ||
         error.code == rpc_code::unsupported_version;
}

std::optional<McpEra> era_offered_by(const RpcError& error) {
  const auto* const data = error.data.if_object();
  const auto* const supported = data == nullptr ? nullptr : data->if_contains("supported");
  if (supported == nullptr || !supported->is_array()) return std::nullopt;
  const auto offers = [&](std::string_view version) {
    return std::ranges::any_of(supported->get_array(), [&](const json::value& one) {
      return one == json::string_view(version);
    });
  };
  if (offers(modern_version)) return McpEra::modern;
  if (std::ranges::any_of(legacy_versions, offers)) return McpEra::legacy;
  return std::nullopt;
}

}  // namespace bellpull
