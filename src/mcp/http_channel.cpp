#include "mcp/http_channel.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/task.h"
#include "base/time.h"
#include "egress/http_call.h"
#include "egress/http_client.h"
#include "mcp/call_time.h"
#include "mcp/channel.h"
#include "mcp/gate.h"
#include "mcp/header_value.h"
#include "mcp/http_exchange.h"
#include "mcp/http_failure.h"
#include "mcp/mcp_failure.h"
#include "mcp/protocol.h"
#include "mcp/rpc_message.h"
#include "mcp/server_settings.h"

namespace bellpull {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr Duration aside_time = std::chrono::seconds{2};
constexpr unsigned max_resumptions = 5;
constexpr std::size_t max_session_bytes = 1024;

std::vector<std::string> secrets_of(const McpEndpoint& endpoint) {
  std::vector<std::string> secrets;
  for (const HttpField& field : endpoint.headers) {
    secrets.push_back(field.value);
    const std::size_t blank = field.value.find(' ');  // "Bearer ..."
    if (blank != std::string::npos) secrets.push_back(field.value.substr(blank + 1));
  }
  return secrets;
}

bool is_session_id(std::string_view text) {
  return text.size() <= max_session_bytes &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

// A stream that ended before the answer, and whose events have ids. A task that was cancelled must
// not wait for anything more.
bool is_resumable(const HttpExchange& exchange) {
  const auto& failure = exchange.failure();
  const bool is_canceled = failure && failure->cause == HttpCause::canceled;
  return exchange.was_stream() && !exchange.answer() && !exchange.timed_out() && !is_canceled &&
         !exchange.last_event_id().empty();
}

bool has_type(const json::object& result) { return result.contains("resultType"); }

std::string text_at(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

HttpChannel::HttpChannel(const asio::any_io_executor& executor, McpEndpoint endpoint,
                         McpEraChoice choice, McpLimits limits, HttpClient& client,
                         const Clock& clock)
    : executor_(executor),
      endpoint_(std::move(endpoint)),
      choice_(choice),
      limits_(limits),
      redact_(secrets_of(endpoint_)),
      client_(client),
      clock_(clock),
      opening_(executor),
      aside_(executor, [](const std::exception_ptr&) {}) {}

Task<HttpChannel::Reply> HttpChannel::ask(McpCall call) {
  const CallTime time(clock_.steady_now(), limits_, call.deadline);
  if (is_open()) {
    const auto era = era_;
    auto reply = co_await ask_once(call, time);
    // The server is not what it was, and refused the request: it may be asked again.
    const bool is_other = era_ != era && !reply && reply.error().cause == McpCause::rejected;
    if (!is_other) co_return reply;
  }
  const Gate::Pass pass = co_await opening_.enter();
  co_return co_await ask_once(std::move(call), time);
}

Task<HttpChannel::Reply> HttpChannel::ask_once(McpCall call, CallTime time) {
  const bool is_legacy = era_ == McpEra::legacy || choice_ == McpEraChoice::legacy;
  if (is_legacy) co_return co_await ask_legacy(std::move(call), time);
  co_return co_await ask_modern(std::move(call), time);
}

std::shared_ptr<HttpExchange> HttpChannel::begin(const McpCall& call, CallTime time) {
  return std::make_shared<HttpExchange>(
      executor_, client_, clock_, limits_, ++last_id_, time,
      HttpExchange::Hooks{
          .on_progress = call.on_progress,
          .on_tools_changed = [this] { changed_ = true; },
          .refuse = [this](std::string refusal) { return send_aside(std::move(refusal)); }});
}

HttpCall HttpChannel::post(std::string body) const {
  HttpCall call;
  call.method = "POST";
  call.url = endpoint_.url;
  call.headers = endpoint_.headers;
  call.headers.push_back({"Content-Type", "application/json"});
  call.headers.push_back({"Accept", "application/json, text/event-stream"});
  call.body = std::move(body);
  call.max_redirects = 0;  // a token follows nobody
  call.allowance = endpoint_.allowance;
  return call;
}

HttpCall HttpChannel::legacy_post(std::string body) const {
  HttpCall call = post(std::move(body));
  if (!version_.empty()) call.headers.push_back({"MCP-Protocol-Version", version_});
  if (!session_.empty()) call.headers.push_back({"Mcp-Session-Id", session_});
  return call;
}

Task<HttpChannel::Reply> HttpChannel::ask_modern(McpCall call, CallTime time) {
  for (unsigned tries = 1;; ++tries) {
    const std::shared_ptr<HttpExchange> exchange = begin(call, time);
    json::object params = call.params;
    if (call.on_progress) ask_for_progress(params, last_id_);
    HttpCall request =
        post(rpc_request(last_id_, call.method, with_modern_meta(std::move(params))));
    request.headers.push_back({"MCP-Protocol-Version", std::string(modern_version)});
    request.headers.push_back({"Mcp-Method", call.method});
    if (!call.subject.empty()) {
      request.headers.push_back({"Mcp-Name", mcp_header_value(call.subject)});
    }
    request.headers.insert(request.headers.end(), call.headers.begin(), call.headers.end());
    co_await exchange->perform(std::move(request));
    const Verdict verdict = judge(*exchange);
    if (verdict == Verdict::again && tries == 1) continue;
    Reply reply = result_of(*exchange, call.is_repeatable);
    if (verdict != Verdict::legacy) co_return reply;
    co_return co_await ask_legacy_after(std::move(call), time, std::move(reply));
  }
}

HttpChannel::Verdict HttpChannel::judge(const HttpExchange& exchange) {
  const auto& answer = exchange.answer();
  if (exchange.failure() || exchange.timed_out()) return Verdict::modern;  // nothing was learnt
  if (answer && answer->error && is_modern_error(*answer->error)) {
    era_ = McpEra::modern;
    if (answer->error->code != rpc_code::unsupported_version) return Verdict::modern;
    const auto offered = era_offered_by(*answer->error);
    if (!offered) return Verdict::modern;
    return *offered == McpEra::modern ? Verdict::again : Verdict::legacy;
  }
  const unsigned status = exchange.reply().status;
  const bool is_about_us = status == 401 || status == 403 || status == 408 || status == 429;
  if (status >= 500 || is_about_us) return Verdict::modern;
  // An unknown method of a modern server: 404 with the usual code.
  const bool is_refused = status >= 400;
  if (era_ == McpEra::modern) {
    const bool is_unknown_method =
        answer && answer->error && answer->error->code == rpc_code::method_not_found;
    if (is_refused && !is_unknown_method && choice_ == McpEraChoice::automatic) era_.reset();
    return Verdict::modern;
  }
  const bool is_typed = answer && answer->result && has_type(*answer->result);
  if (choice_ == McpEraChoice::modern || is_typed) {
    if (answer) era_ = McpEra::modern;
    return Verdict::modern;
  }
  // Refused, or answered as before there were result types: initialize() tells.
  return Verdict::legacy;
}

// A server that answers without being introduced, and cannot be, is a modern one of few words.
Task<HttpChannel::Reply> HttpChannel::ask_legacy_after(McpCall call, CallTime time, Reply modern) {
  if (choice_ == McpEraChoice::modern) co_return modern;
  auto opened = co_await initialize(std::min(time.last(), clock_.steady_now() + limits_.start));
  if (opened && (call.is_repeatable || !modern)) {
    era_ = McpEra::legacy;
    co_return co_await ask_legacy(std::move(call), time);
  }
  if (modern) {
    era_ = McpEra::modern;
    co_return modern;
  }
  era_.reset();
  co_return std::unexpected(opened ? std::move(modern.error()) : std::move(opened.error()));
}

Task<HttpChannel::Reply> HttpChannel::ask_legacy(McpCall call, CallTime time) {
  for (unsigned tries = 1;; ++tries) {
    if (!is_ready_) {
      auto opened = co_await initialize(std::min(time.last(), clock_.steady_now() + limits_.start));
      if (!opened) {
        era_.reset();
        co_return std::unexpected(std::move(opened.error()));
      }
      era_ = McpEra::legacy;
    }
    const std::int64_t session = sessions_;
    const std::shared_ptr<HttpExchange> exchange = begin(call, time);
    const std::int64_t id = last_id_;
    json::object params = call.params;
    if (call.on_progress) ask_for_progress(params, id);
    co_await exchange->perform(legacy_post(rpc_request(id, call.method, params)));
    if (is_resumable(*exchange)) co_await resume(exchange);
    if (lost_session(*exchange)) {
      if (session == sessions_) end_session();
      if (tries == 1) continue;
      era_.reset();
    }
    Reply reply = result_of(*exchange, call.is_repeatable);
    if (!reply) cancel_at_server(id, reply.error());
    co_return reply;
  }
}

// The specification says 404, servers say 400 as well.
bool HttpChannel::lost_session(const HttpExchange& exchange) const {
  if (exchange.failure() || exchange.timed_out()) return false;
  const unsigned status = exchange.reply().status;
  return status == 404 || (status == 400 && !session_.empty());
}

void HttpChannel::end_session() {
  is_ready_ = false;
  session_.clear();
  version_.clear();
}

Task<std::expected<void, McpFailure>> HttpChannel::initialize(SteadyTime deadline) {
  end_session();
  const std::shared_ptr<HttpExchange> exchange =
      begin({}, CallTime(clock_.steady_now(), limits_, deadline));
  const std::int64_t id = last_id_;
  co_await exchange->perform(post(rpc_request(id, "initialize", initialize_params())));
  Reply agreed = result_of(*exchange, true);
  if (!agreed) co_return std::unexpected(std::move(agreed.error()));
  version_ = text_at(*agreed, "protocolVersion");
  if (!is_known_legacy_version(version_)) {
    const std::string said = redact_(std::exchange(version_, {}).substr(0, 40));
    co_return std::unexpected(McpFailure{
        McpCause::bad_answer,
        fmt::format("The server speaks version \"{}\" of MCP, which is not known here", said)});
  }
  const auto session = exchange->reply().header("mcp-session-id");
  if (session && is_session_id(*session)) session_ = *session;
  co_await send_aside(rpc_notification("notifications/initialized", {}));
  ++sessions_;
  is_ready_ = true;
  co_return std::expected<void, McpFailure>{};
}

// Takes a broken stream up again after its last event.
Task<void> HttpChannel::resume(std::shared_ptr<HttpExchange> exchange) {
  std::string last_seen;
  for (unsigned tries = 0; tries < max_resumptions && is_resumable(*exchange); ++tries) {
    if (exchange->last_event_id() != last_seen) tries = 0;
    last_seen = exchange->last_event_id();
    if (clock_.steady_now() + exchange->retry_pause() >= exchange->time().end()) co_return;
    asio::steady_timer pause(executor_, exchange->retry_pause());
    co_await pause.async_wait(asio::use_awaitable);
    HttpCall call = legacy_post({});
    call.method = "GET";
    std::erase_if(call.headers, [](const HttpField& field) {
      return field.name == "Content-Type" || field.name == "Accept";
    });
    call.headers.push_back({"Accept", "text/event-stream"});
    call.headers.push_back({"Last-Event-ID", last_seen});
    co_await exchange->perform(std::move(call));
  }
}

// Notices and refusals: the server takes them with 202, or does not; nobody waits for more.
Task<void> HttpChannel::send_aside(std::string body) {
  HttpCall call = legacy_post(std::move(body));
  call.deadline = clock_.steady_now() + aside_time;
  call.oversize = Oversize::truncate;
  static_cast<void>(co_await client_.send(std::move(call)));
}

// In the modern era the closed response says it.
void HttpChannel::cancel_at_server(std::int64_t id, const McpFailure& failure) {
  if (failure.cause != McpCause::canceled && failure.cause != McpCause::timeout) return;
  aside_.start(send_aside(rpc_notification("notifications/cancelled", {{"requestId", id}})));
}

HttpChannel::Reply HttpChannel::result_of(const HttpExchange& exchange, bool is_repeatable) const {
  if (exchange.answer() && exchange.answer()->result) return *exchange.answer()->result;
  McpFailure failure = failure_of(exchange);
  failure.message = redact_(failure.message);
  if (is_repeatable) failure.outcome_unknown = false;
  return std::unexpected(std::move(failure));
}

McpFailure HttpChannel::failure_of(const HttpExchange& exchange) const {
  if (exchange.timed_out()) return late_answer(limits_);
  if (exchange.answer()) return failure_of_error(*exchange.answer()->error);
  if (exchange.failure()) return failure_of_mcp_transport(*exchange.failure());
  return failure_of_reply(exchange.reply(), exchange.was_stream(), clock_.now());
}

Task<void> HttpChannel::stop() {
  co_await aside_.join();
  aside_.stop();
  if (!session_.empty()) {
    HttpCall call = legacy_post({});
    call.method = "DELETE";
    call.deadline = clock_.steady_now() + aside_time;
    call.oversize = Oversize::truncate;
    static_cast<void>(co_await client_.send(std::move(call)));
  }
  end_session();
  era_.reset();
}

}  // namespace bellpull
