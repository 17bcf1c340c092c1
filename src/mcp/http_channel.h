// MCP over Streamable HTTP, in both eras.
//
// The first request goes out in modern form; what comes back tells the era. A legacy session is
// opened by `initialize`, opened anew when the server no longer knows it, and deleted at the end. A
// broken legacy stream is taken up again with Last-Event-ID; in the modern era the request is lost.
//
// Lifetime and threads: see channel.h.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/json/object.hpp>

#include "base/task.h"
#include "base/time.h"
#include "egress/http_call.h"
#include "egress/http_client.h"
#include "egress/redaction.h"
#include "mcp/call_time.h"
#include "mcp/channel.h"
#include "mcp/gate.h"
#include "mcp/http_exchange.h"
#include "mcp/mcp_failure.h"
#include "mcp/protocol.h"
#include "mcp/server_settings.h"

namespace bellpull {

class HttpChannel final : public McpChannel {
 public:
  HttpChannel(const boost::asio::any_io_executor& executor, McpEndpoint endpoint,
              McpEraChoice choice, McpLimits limits, HttpClient& client, const Clock& clock);

  Task<std::expected<boost::json::object, McpFailure>> ask(McpCall call) override;
  std::optional<McpEra> era() const override { return era_; }
  bool take_changed() override { return std::exchange(changed_, false); }
  const Redactor& redactor() const override { return redact_; }
  Task<void> stop() override;

 private:
  using Reply = std::expected<boost::json::object, McpFailure>;

  // What the first answer in modern form made of the server.
  enum class Verdict : std::uint8_t { modern, again, legacy };

  bool is_open() const { return era_ == McpEra::modern || (era_ == McpEra::legacy && is_ready_); }
  Task<Reply> ask_once(McpCall call, CallTime time);
  Task<Reply> ask_modern(McpCall call, CallTime time);
  Task<Reply> ask_legacy(McpCall call, CallTime time);
  Task<Reply> ask_legacy_after(McpCall call, CallTime time, Reply modern);
  Task<std::expected<void, McpFailure>> initialize(SteadyTime deadline);
  Task<void> resume(std::shared_ptr<HttpExchange> exchange);
  Task<void> send_aside(std::string body);

  std::shared_ptr<HttpExchange> begin(const McpCall& call, CallTime time);
  HttpCall post(std::string body) const;
  HttpCall legacy_post(std::string body) const;
  Verdict judge(const HttpExchange& exchange);
  Reply result_of(const HttpExchange& exchange, bool is_repeatable) const;
  McpFailure failure_of(const HttpExchange& exchange) const;
  bool lost_session(const HttpExchange& exchange) const;
  void end_session();
  void cancel_at_server(std::int64_t id, const McpFailure& failure);

  // Constant after construction:
  const boost::asio::any_io_executor executor_;
  const McpEndpoint endpoint_;
  const McpEraChoice choice_;
  const McpLimits limits_;
  const Redactor redact_;
  HttpClient& client_;
  const Clock& clock_;

  // The executor's:
  Gate opening_;
  TaskGroup aside_;  // notices to the server that nobody waits for
  std::optional<McpEra> era_;
  bool is_ready_ = false;      // legacy: initialized
  std::string session_;        // legacy; empty when the server has none
  std::string version_;        // legacy: what was agreed
  std::int64_t sessions_ = 0;  // opened so far
  std::int64_t last_id_ = 0;
  bool changed_ = false;
};

}  // namespace bellpull
