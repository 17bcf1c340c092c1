#include "http/io_thread.h"

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "http/connection.h"
#include "http/failure_text.h"
#include "http/loop.h"
#include "http/response.h"
#include "http/response_head.h"
#include "http/service.h"

namespace bellpull {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// What a cut connection leaves behind: nothing to report.
bool is_cancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& known) {
    return known.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

TaskGroup::OnFailure report_to(Log& log) {
  return [&log](const std::exception_ptr& failure) {
    if (is_cancellation(failure)) return;
    log.error("http", "connection failed", {{"failure", failure_text(failure).c_str()}});
  };
}

Task<void> run_connection(std::unique_ptr<Connection> connection) { co_await connection->run(); }

// What a task that ignores its cancellation still gets before the thread ends without it.
constexpr std::chrono::seconds last_grace{1};

}  // namespace

IoThread::IoThread(Service& service, asio::ssl::context* tls)
    : service_(service),
      tls_(tls),
      loop_(service.clock, service.limits.tick),
      work_(asio::make_work_guard(loop_.io)),
      acceptor_(loop_.io),
      pause_(loop_.io),
      grace_(loop_.io),
      tasks_(loop_.io.get_executor(), report_to(service.log)),
      stopping_(loop_.io.get_executor(), report_to(service.log)) {}

void IoThread::start(tcp::acceptor acceptor) {
  acceptor_ = std::move(acceptor);
  tasks_.start(accept_connections());
  thread_ = std::thread{[this] { run(); }};
}

void IoThread::run() {
  while (!loop_.io.stopped()) {
    try {
      loop_.io.run();
    } catch (...) {
      // Something posted here by others threw; the connections are not its business.
      service_.log.error("http", "callback failed",
                         {{"failure", failure_text(std::current_exception()).c_str()}});
    }
  }
}

void IoThread::join() {
  if (thread_.joinable()) thread_.join();
}

Task<void> IoThread::accept_connections() {
  while (!loop_.stopping) {
    tcp::socket socket{loop_.io};
    tcp::endpoint remote;
    error_code failure;
    co_await acceptor_.async_accept(socket, remote,
                                    asio::redirect_error(asio::use_awaitable, failure));
    if (loop_.stopping) break;
    if (failure == asio::error::connection_aborted) continue;
    if (failure) {
      const bool goes_on = co_await pause_accepting(failure);
      if (!goes_on) break;
      continue;
    }
    is_paused_ = false;
    serve(std::move(socket), remote);
  }
}

// No file descriptors or no memory: connections wait in the backlog until some are closed.
Task<bool> IoThread::pause_accepting(error_code failure) {
  if (!is_paused_) {
    is_paused_ = true;
    service_.log.error("http", "cannot accept connections",
                       {{"failure", failure.message().c_str()}});
  }
  pause_.expires_after(service_.limits.accept_pause);
  co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, failure));
  co_return !failure && !loop_.stopping;
}

// At the limit, the connection that has been idle longest gives way.
bool IoThread::make_room() {
  if (service_.connections.load(std::memory_order_relaxed) < service_.limits.connections) {
    is_full_ = false;
    return true;
  }
  if (!is_full_) {
    is_full_ = true;
    service_.log.warning("http", "connection limit reached",
                         {{"limit", service_.limits.connections}});
  }
  if (loop_.idle.empty()) return false;
  loop_.idle.front().close_idle();
  return true;
}

void IoThread::serve(tcp::socket socket, const tcp::endpoint& remote) {
  if (!make_room()) {
    turn_away(std::move(socket));
    return;
  }
  tasks_.start(run_connection(std::make_unique<Connection>(service_, loop_, std::move(socket),
                                                           remote.address().to_string(), tls_)));
}

// One attempt to say why, which costs no time and keeps nothing.
void IoThread::turn_away(tcp::socket socket) {
  if (tls_ != nullptr) return;
  Response response;
  response.status = 503;
  if (service_.hooks.error) {
    response = service_.hooks.error(503, "Too many connections", nullptr);
  }
  std::string bytes;
  append_head(bytes, response, Framing::length, Persistence::close, loop_.date());
  bytes += response.body;
  error_code ignored;  // The client may be gone; it was not going to be served anyway.
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(bytes), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  socket.read_some(asio::buffer(loop_.scratch), ignored);
}

void IoThread::begin_stop(Duration grace) {
  if (!thread_.joinable()) return;
  asio::post(loop_.io, [this, grace] { stopping_.start(stop_connections(grace)); });
}

Task<void> IoThread::stop_connections(Duration grace) {
  loop_.stopping = true;
  error_code ignored;  // A socket that cannot be closed is closed with the process.
  acceptor_.close(ignored);
  pause_.cancel();
  while (!loop_.idle.empty()) loop_.idle.front().close_idle();
  grace_.expires_after(grace);
  grace_.async_wait([this](const error_code& cancelled) {
    if (cancelled) return;
    tasks_.stop();
    grace_.expires_after(last_grace);
    grace_.async_wait([this](const error_code& again) {
      if (!again) loop_.io.stop();
    });
  });
  co_await tasks_.join();
  grace_.cancel();
  loop_.io.stop();
}

}  // namespace bellpull
