#include "http/connection.h"

#include <atomic>
#include <cstddef>
#include <string>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include "base/task.h"
#include "base/time.h"
#include "http/loop.h"
#include "http/service.h"

namespace bellpull {

using boost::system::error_code;

Connection::Connection(Service& service, Loop& loop, boost::asio::ip::tcp::socket socket,
                       std::string remote_address, boost::asio::ssl::context* tls)
    : service_(service),
      loop_(loop),
      transport_(std::move(socket), tls),
      buffer_(service.budget),
      reader_(service.limits, buffer_),
      reply_share_(service.budget) {
  service_.connections.fetch_add(1, std::memory_order_relaxed);
  reader_.head().remote_address = std::move(remote_address);
  reader_.head().secure = transport_.is_tls();
}

Connection::~Connection() {
  loop_.unschedule(*this);
  service_.connections.fetch_sub(1, std::memory_order_relaxed);
}

Task<void> Connection::run() {
  if (transport_.is_tls()) {
    enter(Phase::handshake, loop_.now() + service_.limits.header_time);
    const bool agreed = co_await transport_.handshake();
    if (!agreed) co_return;
  }
  Next next = Next::request;
  while (next == Next::request) {
    begin_request();
    Fill got = Fill::data;
    if (buffer_.bytes().empty()) {
      // The idle ones are closed when stopping begins; who was busy then finds out here.
      if (loop_.stopping) {
        next = Next::close;
        break;
      }
      begin_idle();
      got = co_await fill();
      unlink();
    }
    if (got == Fill::data) {
      started_ = loop_.now();
      got = try_head();
      if (got == Fill::more) got = co_await read_rest_of_head();
    }
    if (got == Fill::data) {
      is_first_ = false;
      has_head_ = true;
      next = co_await handle_request();
    } else {
      next = co_await refuse(got);
    }
  }
  if (next != Next::cut) co_await finish(next);
}

void Connection::begin_request() {
  has_head_ = false;
  keep_alive_ = false;
  stream_started_ = false;
  bytes_out_ = 0;
}

// Closing a socket with unread bytes resets the connection, and the reset may overtake the reply.
Task<void> Connection::finish(Next how) {
  if (how == Next::close && transport_.is_tls()) {
    enter(Phase::draining, loop_.now() + service_.limits.drain_time);
    co_await transport_.close_notify();
  }
  error_code failure;
  const bool has_more = !buffer_.bytes().empty() || transport_.socket().available(failure) > 0;
  if (how == Next::close_after_draining || (has_more && !failure)) co_await drain();
}

Task<void> Connection::drain() {
  enter(Phase::draining, loop_.now() + service_.limits.drain_time);
  transport_.shutdown_send();
  std::size_t drained = 0;
  while (drained < service_.limits.drain_bytes) {
    error_code failure = co_await transport_.wait_readable();
    if (failure || timed_out_) co_return;
    const std::size_t count =
        transport_.socket().read_some(boost::asio::buffer(loop_.scratch), failure);
    if (failure == boost::asio::error::would_block) continue;
    if (failure) co_return;
    drained += count;
  }
}

void Connection::enter(Phase phase, SteadyTime deadline) {
  phase_ = phase;
  timed_out_ = false;
  loop_.schedule(*this, deadline);
}

void Connection::expire(SteadyTime now) {
  if (phase_ == Phase::idle && now < idle_until_) {
    // TLS keeps half a record in its own buffers, where an interrupted read would lose its place.
    release_buffer_ = !transport_.is_tls();
    if (release_buffer_) transport_.cancel();
    loop_.schedule(*this, idle_until_);
    return;
  }
  timed_out_ = true;
  if (phase_ == Phase::handling) {
    // The handler can't be interrupted half-way, but its client need not wait for it.
    gone_ = true;
    transport_.shutdown_both();
  }
  transport_.cancel();
}

void Connection::close_idle() {
  unlink();
  timed_out_ = true;
  transport_.cancel();
}

}  // namespace bellpull
