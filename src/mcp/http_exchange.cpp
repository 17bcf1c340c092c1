#include "mcp/http_exchange.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include "base/task.h"
#include "base/time.h"
#include "egress/event_stream.h"
#include "egress/http_call.h"
#include "egress/http_client.h"
#include "mcp/call_time.h"
#include "mcp/notice.h"
#include "mcp/rpc_message.h"
#include "mcp/server_settings.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

constexpr std::size_t max_requests = 16;  // of the server's own during one of ours
constexpr Duration usual_retry = std::chrono::seconds{1};
constexpr Duration least_retry = std::chrono::milliseconds{100};

bool is_event_stream(const HttpReply& head) {
  const bool is_success = head.status >= 200 && head.status < 300;
  return is_success && head.header("content-type").value_or("").starts_with("text/event-stream");
}

}  // namespace

HttpExchange::HttpExchange(const asio::any_io_executor& executor, HttpClient& client,
                           const Clock& clock, const McpLimits& limits, std::int64_t id,
                           CallTime time, Hooks hooks)
    : client_(client),
      clock_(clock),
      limits_(limits),
      id_(id),
      hooks_(std::move(hooks)),
      time_(time),
      wake_(executor) {}

Duration HttpExchange::retry_pause() const {
  return std::max(retry_.value_or(usual_retry), least_retry);
}

Task<void> HttpExchange::perform(HttpCall call) {
  using namespace asio::experimental::awaitable_operators;  // NOLINT(google-build-using-namespace)
  reader_.reset();
  plain_.clear();
  failure_.reset();
  reply_ = {};
  call.deadline = time_.last();
  // The stream may hold many notices beside the answer.
  call.response_limit = 4 * limits_.message_bytes;
  BodyConsumer consumer = [this](const HttpReply& head, std::string_view piece) {
    return take(head, piece);
  };
  auto done = co_await (client_.stream(std::move(call), std::move(consumer)) || watch());
  if (auto* const reply = std::get_if<0>(&done)) {
    if (*reply) {
      reply_ = std::move(**reply);
    } else {
      failure_ = std::move(reply->error());
    }
  }
  if (reader_) {
    last_event_id_ = reader_->last_event_id();
    retry_ = reader_->retry();
  }
  read_plain();
}

BodyStep HttpExchange::take(const HttpReply& head, std::string_view piece) {
  if (!is_event_stream(head)) {
    plain_ += piece;
    return BodyStep::more;
  }
  if (!reader_) {
    reader_ = std::make_unique<EventStreamReader>(
        [this](const StreamEvent& event) {
          if (event.type == "message") take_message(event.data);
        },
        EventStreamLimits{.line_bytes = limits_.message_bytes,
                          .event_bytes = limits_.message_bytes});
  }
  const bool fits = reader_->feed(piece);
  return answer_ || !fits ? BodyStep::enough : BodyStep::more;
}

void HttpExchange::take_message(std::string_view text) {
  auto message = read_rpc_message(text);
  if (!message) return;
  if (message->is_request()) {
    keep_refusal(*message);
  } else if (!message->is_answer()) {
    take_notice(*message);
  } else if (message->id == id_) {
    answer_ = std::move(*message);
  }
}

void HttpExchange::take_notice(const RpcMessage& message) {
  if (message.method == "notifications/tools/list_changed") hooks_.on_tools_changed();
  if (auto progress = progress_of(message, id_)) {
    time_.extend(clock_.steady_now());
    progress_ = std::move(progress);
    wake_.cancel();
  }
}

void HttpExchange::keep_refusal(const RpcMessage& message) {
  if (++requests_ > max_requests) return;
  refusals_.push_back(rpc_refusal(message.id, message.method));
  wake_.cancel();
}

// An error's id is null when the server could not tell which request it is about.
void HttpExchange::read_plain() {
  if (answer_ || plain_.empty() || plain_.size() > limits_.message_bytes) return;
  auto message = read_rpc_message(plain_);
  if (message && message->is_answer() && (message->id == id_ || message->error)) {
    answer_ = std::move(*message);
  }
}

// Runs beside the transfer: ends with the time, and does what must not be done inside of curl.
Task<void> HttpExchange::watch() {
  for (;;) {
    while (progress_ || !refusals_.empty()) co_await deliver();
    if (clock_.steady_now() >= time_.end()) break;
    wake_.expires_at(time_.end());
    boost::system::error_code woken;
    co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  timed_out_ = true;
}

Task<void> HttpExchange::deliver() {
  if (auto progress = std::exchange(progress_, std::nullopt); progress && hooks_.on_progress) {
    hooks_.on_progress(*progress);
  }
  for (std::string& refusal : std::exchange(refusals_, {})) {
    co_await hooks_.refuse(std::move(refusal));
  }
}

}  // namespace bellpull
