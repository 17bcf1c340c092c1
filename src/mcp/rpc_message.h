// JSON-RPC 2.0 messages as MCP uses them: no batches.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace bellpull {

struct RpcError {
  std::int64_t code = 0;
  std::string message;
  boost::json::value data;
};

// What came from the server. A request has a method and an id, a notification a method, an answer
// an id and a result or an error.
struct RpcMessage {
  boost::json::value id;  // null when there is none
  std::string method;
  boost::json::object params;
  std::optional<boost::json::object> result;
  std::optional<RpcError> error;

  bool is_answer() const { return method.empty(); }
  bool is_request() const { return !method.empty() && !id.is_null(); }
};

using RpcAnswer = std::expected<boost::json::object, RpcError>;

namespace rpc_code {
inline constexpr int method_not_found = -32601;
inline constexpr int header_mismatch = -32020;
inline constexpr int missing_capability = -32021;
inline constexpr int unsupported_version = -32022;
}  // namespace rpc_code

// Nothing for what is no such message.
std::optional<RpcMessage> read_rpc_message(std::string_view text);

std::string rpc_request(std::int64_t id, std::string_view method,
                        const boost::json::object& params);
std::string rpc_notification(std::string_view method, const boost::json::object& params);
// That a server's own request is not served here.
std::string rpc_refusal(const boost::json::value& id, std::string_view method);

}  // namespace bellpull
