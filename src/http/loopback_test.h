// For this module's tests: a server on a free port of the loopback, a clock that stands still until
// it is told, and a client that sends bytes as they are.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>
#include <gtest/gtest.h>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "http/http_server.h"
#include "http/router.h"
#include "support/fake_clock.h"

namespace bellpull::test {

// A blocking client. What the server does not do within ten real seconds it never does.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(io_) {
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
    socket_.set_option(boost::asio::ip::tcp::no_delay{true});
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }

  // False when the server has closed.
  bool send(std::string_view bytes) {
    boost::system::error_code failure;
    boost::asio::write(socket_, boost::asio::buffer(bytes), failure);
    return !failure;
  }
  void half_close() { socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send); }

  // Up to and with the first `end`; what was received when the server closes before.
  std::string read_until(std::string_view end) {
    while (received_.find(end) == std::string::npos && receive()) {
    }
    return take(std::min(received_.find(end), received_.size() - end.size()) + end.size());
  }

  // One reply with a Content-Length or none.
  std::string read_reply() {
    std::string head = read_until("\r\n\r\n");
    const std::size_t at = head.find("Content-Length: ");
    const std::size_t size = at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
    while (received_.size() < size && receive()) {
    }
    return head + take(std::min(size, received_.size()));
  }

  std::string read_all() {
    while (receive()) {
    }
    return take(received_.size());
  }

  // True when the server has sent something that was not read yet, or has closed.
  bool has_more() {
    pollfd readiness{.fd = socket_.native_handle(), .events = POLLIN, .revents = 0};
    return !received_.empty() || ::poll(&readiness, 1, 0) > 0;
  }
  // True when the server closes without another byte, and without a reset.
  bool is_closed() { return read_all().empty() && !failure_; }
  // Why the last read_all() ended: none for an orderly end.
  boost::system::error_code failure() const { return failure_; }
  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  bool receive() {
    std::array<char, 16384> piece{};
    boost::system::error_code failure;
    const std::size_t count = socket_.read_some(boost::asio::buffer(piece), failure);
    received_.append(piece.data(), count);
    if (failure != boost::asio::error::eof) failure_ = failure;
    return !failure;
  }
  std::string take(std::size_t count) {
    std::string taken = received_.substr(0, count);
    received_.erase(0, count);
    return taken;
  }

  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;
  std::string received_;
  boost::system::error_code failure_;
};

// A point in a handler that a test opens. Handlers wait on the thread of the server's first
// context.
class Gate {
 public:
  explicit Gate(boost::asio::io_context& io)
      : timer_(io, boost::asio::steady_timer::time_point::max()) {}

  Task<void> wait() {
    reached_ = true;
    boost::system::error_code ignored;
    while (!is_open_) {
      co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }
  }
  bool is_reached() const { return reached_; }
  void open() {
    boost::asio::post(timer_.get_executor(), [this] {
      is_open_ = true;
      timer_.cancel();
    });
  }

 private:
  boost::asio::steady_timer timer_;
  std::atomic<bool> reached_ = false;
  std::atomic<bool> is_open_ = false;
};

// True when `holds` comes true within ten real seconds.
template <class F>
bool eventually(F holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

// A server with the routes and limits that a test gives it.
class LoopbackServer {
 public:
  LoopbackServer() {
    config.limits.tick = std::chrono::milliseconds{2};
    config.limits.accept_pause = std::chrono::milliseconds{2};
  }

  void add(std::vector<Method> methods, std::string pattern, Handler handle,
           std::size_t body_limit = 1000) {
    router.add({.methods = std::move(methods),
                .pattern = std::move(pattern),
                .body_limit = body_limit,
                .handle = std::move(handle)});
  }
  void prepare() { server = std::make_unique<HttpServer>(config, router, hooks, clock, log); }
  void start() {
    if (!server) prepare();
    port = server->start();
  }

  FakeClock clock{from_ms(784'111'777'000)};
  Log log{LogFormat::text, LogLevel::error};
  Router router;
  HttpConfig config;
  ServerHooks hooks;
  std::unique_ptr<HttpServer> server;
  // Lets time pass until the server has closed or answered `client`.
  void pass_time_until_answered(RawClient& client) {
    EXPECT_TRUE(eventually([&] {
      clock.advance(std::chrono::milliseconds{500});
      return client.has_more();
    }));
  }

  std::uint16_t port = 0;
};

inline Response text_response(std::string body) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

// The body comes back.
inline Task<Response> echo(Request request) { co_return text_response(std::string{request.body}); }

inline Task<Response> answer_after(Gate* gate) {
  co_await gate->wait();
  co_return text_response("done");
}

}  // namespace bellpull::test
