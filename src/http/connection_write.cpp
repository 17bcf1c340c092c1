// How a connection sends its replies.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/error_code.hpp>

#include "base/task.h"
#include "http/connection.h"
#include "http/method.h"
#include "http/request.h"
#include "http/response.h"
#include "http/response_head.h"
#include "http/service.h"

namespace bellpull {
namespace {

// Up to here copying a body behind its head is cheaper than a second buffer.
constexpr std::size_t copied_body = 16 * std::size_t{1024};
// A larger reply's memory is not kept for the next one.
constexpr std::size_t kept_output = 64 * std::size_t{1024};
// A larger reply has its share of the budget before its first byte goes out, so that it can still
// be refused; a smaller one only when it must wait for its client.
constexpr std::size_t small_reply = kept_output;
constexpr std::string_view too_many_replies = "Too many replies are waiting for slow clients";

}  // namespace

Persistence Connection::persistence() const {
  if (!keep_alive_) return Persistence::close;
  return reader_.head().http_1_0 ? Persistence::keep_alive_1_0 : Persistence::keep_alive;
}

Task<bool> Connection::send_response() {
  const bool sent = send_at_once();
  if (sent) co_return true;
  co_return co_await send_rest();
}

// True when the kernel took the whole reply, as it nearly always does; otherwise send_rest() says.
bool Connection::send_at_once() {
  if (response_.stream) return false;
  const std::size_t size = response_.body.size();
  if (size > small_reply && !reply_share_.hold(size)) make_error(503, too_many_replies);
  if (has_head_ && service_.hooks.finish)
    service_.hooks.finish(response_, RequestHead{reader_.head()});
  if (gone_) return false;
  const bool is_head = has_head_ && reader_.head().method == Method::head;
  const bool has_body = !is_head && allows_body(response_.status);
  std::string_view body = has_body ? std::string_view{response_.body} : std::string_view{};
  std::string& text = loop_.reply;
  if (text.capacity() > kept_output) text = {};
  text.clear();
  append_head(text, response_, Framing::length, persistence(), loop_.date());
  if (body.size() <= copied_body || transport_.is_tls()) {
    text += body;
    body = {};
  }
  bytes_out_ = text.size() + body.size();
  const std::size_t sent = transport_.write_now(text, body);
  if (sent == bytes_out_) {
    forget_reply();
    return true;
  }
  const std::size_t of_text = std::min(sent, text.size());
  out_.assign(text, of_text);
  unsent_body_ = body.substr(sent - of_text);
  return false;
}

Task<bool> Connection::send_rest() {
  if (response_.stream) co_return co_await send_stream();
  bool sent = false;
  if (!gone_) sent = co_await write_rest(0, unsent_body_);
  out_ = {};
  forget_reply();
  if (!sent) bytes_out_ = 0;
  co_return sent;
}

// A connection that waits for its next request holds nothing of the last one's reply.
void Connection::forget_reply() {
  if (response_.body.capacity() > kept_output) response_.body = {};
  reply_share_.release();
}

// What is left of out_ and `body` when `sent` bytes of them are gone.
Task<bool> Connection::write_rest(std::size_t sent, std::string_view body) {
  write_started_ = loop_.now();
  const std::size_t size = out_.size() + body.size();
  // It is too late for a 503 when some of it is on its way.
  if (reply_share_.is_empty() && !reply_share_.hold(size)) gone_ = true;
  if (gone_) co_return false;
  if (sent < out_.size()) {
    const bool head_sent = co_await write(std::string_view{out_}.substr(sent));
    if (!head_sent) co_return false;
    sent = out_.size();
  }
  co_return co_await write(body.substr(sent - out_.size()));
}

Task<bool> Connection::write(std::string_view bytes) {
  std::size_t written = 0;
  while (written < bytes.size() && !gone_) {
    enter(Phase::writing, rate_deadline(written, write_started_));
    boost::system::error_code failure;
    const std::size_t count = co_await transport_.write_some(bytes.substr(written), failure);
    written += count;
    if (failure || timed_out_) gone_ = true;
  }
  co_return !gone_;
}

Task<bool> Connection::send_stream() {
  // replace_stream() may overwrite response_ while its stream runs.
  const BodyStream stream = std::exchange(response_.stream, nullptr);
  stream_replaced_ = false;
  if (reader_.head().http_1_0) keep_alive_ = false;
  std::exception_ptr failure;
  try {
    BodyWriter writer{*this};
    co_await stream(writer);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none) co_return false;
    log_failure(failure, "stream failed");
    if (stream_started_) co_return false;
    make_error(500, "Internal server error");
    co_return co_await send_response();
  }
  if (stream_replaced_) co_return co_await send_response();
  co_return co_await end_stream();
}

Task<bool> Connection::start_stream() {
  if (stream_started_ || gone_) co_return !gone_;
  stream_started_ = true;
  if (service_.hooks.finish) service_.hooks.finish(response_, RequestHead{reader_.head()});
  out_.clear();
  const bool is_1_0 = reader_.head().http_1_0;
  append_head(out_, response_, is_1_0 ? Framing::connection_close : Framing::chunked, persistence(),
              loop_.date());
  co_return co_await flush_stream();
}

Task<bool> Connection::write_stream(std::string_view bytes) {
  if (stream_replaced_) co_return false;
  // Twice: here and with who wrote it.
  if (!gone_ && bytes.size() > small_reply && !reply_share_.hold(2 * bytes.size())) {
    refuse_piece();
    co_return false;
  }
  const bool started = co_await start_stream();
  if (!started) co_return false;
  if (bytes.empty()) co_return true;  // An empty chunk would end the stream.
  out_.clear();
  if (reader_.head().http_1_0) {
    out_ += bytes;
  } else {
    std::array<char, 16> size{};
    out_.append(size.data(), std::to_chars(size.data(), size.end(), bytes.size(), 16).ptr);
    out_ += "\r\n";
    out_ += bytes;
    out_ += "\r\n";
  }
  co_return co_await flush_stream();
}

// There is no room for a piece of a stream: 503, or the connection is cut when it is too late.
void Connection::refuse_piece() {
  if (stream_started_) {
    gone_ = true;
    return;
  }
  make_error(503, too_many_replies);
  stream_replaced_ = true;
}

Task<bool> Connection::flush_stream() {
  if (gone_) co_return false;
  bytes_out_ += out_.size();
  const std::size_t sent = transport_.write_now(out_, {});
  bool done = sent == out_.size();
  if (!done) done = co_await write_rest(sent, {});
  if (out_.capacity() > kept_output) out_ = {};
  reply_share_.release();
  enter(Phase::handling, started_ + service_.limits.stream_time);
  co_return done;
}

Task<bool> Connection::end_stream() {
  const bool started = co_await start_stream();
  if (!started) co_return false;
  if (reader_.head().http_1_0) co_return true;
  out_ = "0\r\n\r\n";
  co_return co_await flush_stream();
}

bool Connection::is_gone() {
  if (!gone_ && transport_.is_closed_by_client()) gone_ = true;
  return gone_;
}

bool Connection::replace_stream(Response response) {
  if (stream_started_ || gone_) return false;
  response_ = std::move(response);
  response_.stream = nullptr;
  if (response_.close) keep_alive_ = false;
  stream_replaced_ = true;
  return true;
}

void Connection::observe() {
  if (!service_.hooks.observe) return;
  const ParsedHead& head = reader_.head();
  AnsweredRequest answered;
  answered.status = response_.status;
  answered.bytes_out = bytes_out_;
  if (has_head_) {
    answered.method = head.method;
    answered.route = head.match.route;
    answered.pattern = head.match.pattern;
    answered.bytes_in = head.text.size() + reader_.body_received();
  }
  answered.elapsed = loop_.now() - started_;
  service_.hooks.observe(answered);
}

}  // namespace bellpull
