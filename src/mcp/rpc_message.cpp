#include "mcp/rpc_message.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include "base/json_reader.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// Around a tool's schema or result there are a few levels more; those are judged by who reads them.
constexpr std::size_t max_depth = 64;
constexpr std::size_t max_values = 1'000'000;

const json::value* member(const json::object& object, std::string_view name) {
  return object.if_contains(name);
}

std::optional<RpcError> read_error(const json::value& value) {
  const auto* const object = value.if_object();
  if (object == nullptr) return std::nullopt;
  RpcError error;
  const auto* const code = member(*object, "code");
  if (code == nullptr || !code->is_number()) return std::nullopt;
  boost::system::error_code no_integer;
  error.code = code->to_number<std::int64_t>(no_integer);
  if (no_integer) return std::nullopt;
  const auto* const message = member(*object, "message");
  if (message != nullptr && message->is_string()) error.message = message->get_string();
  const auto* const data = member(*object, "data");
  if (data != nullptr) error.data = *data;
  return error;
}

std::optional<RpcMessage> read_answer(RpcMessage message, const json::object& object) {
  if (const auto* const error = member(object, "error"); error != nullptr) {
    message.error = read_error(*error);
    return message.error ? std::optional(std::move(message)) : std::nullopt;
  }
  const auto* const result = member(object, "result");
  if (result == nullptr || !result->is_object()) return std::nullopt;
  message.result = result->get_object();
  return message;
}

}  // namespace

std::optional<RpcMessage> read_rpc_message(std::string_view text) {
  const JsonReading reading = read_json(text, max_depth, max_values);
  const auto* const object = reading.error ? nullptr : reading.value.if_object();
  if (object == nullptr) return std::nullopt;
  const auto* const version = member(*object, "jsonrpc");
  if (version == nullptr || *version != "2.0") return std::nullopt;
  RpcMessage message;
  if (const auto* const id = member(*object, "id"); id != nullptr) message.id = *id;
  const auto* const method = member(*object, "method");
  if (method == nullptr) return read_answer(std::move(message), *object);
  if (!method->is_string() || method->get_string().empty()) return std::nullopt;
  message.method = method->get_string();
  const auto* const params = member(*object, "params");
  if (params != nullptr && params->is_object()) message.params = params->get_object();
  return message;
}

std::string rpc_request(std::int64_t id, std::string_view method, const json::object& params) {
  return json::serialize(
      json::object{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}});
}

std::string rpc_notification(std::string_view method, const json::object& params) {
  json::object message{{"jsonrpc", "2.0"}, {"method", method}};
  if (!params.empty()) message["params"] = params;
  return json::serialize(message);
}

std::string rpc_refusal(const json::value& id, std::string_view method) {
  const std::string text = "This client does not serve " + std::string(method.substr(0, 80));
  return json::serialize(
      json::object{{"jsonrpc", "2.0"},
                   {"id", id},
                   {"error", {{"code", rpc_code::method_not_found}, {"message", text}}}});
}

}  // namespace bellpull
