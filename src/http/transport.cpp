#include "http/transport.h"

#include <array>
#include <cstddef>
#include <memory>
#include <poll.h>
#include <span>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/ssl/stream_base.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "base/task.h"

namespace bellpull {

namespace asio = boost::asio;
using boost::system::error_code;

Transport::Transport(asio::ip::tcp::socket socket, asio::ssl::context* tls)
    : socket_(std::move(socket)) {
  error_code ignored;  // A socket that already failed says so at its first read.
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
  socket_.non_blocking(true, ignored);
  if (tls != nullptr) {
    tls_ = std::make_unique<asio::ssl::stream<asio::ip::tcp::socket&>>(socket_, *tls);
  }
}

Task<bool> Transport::handshake() {
  error_code failure;
  co_await tls_->async_handshake(asio::ssl::stream_base::server,
                                 asio::redirect_error(asio::use_awaitable, failure));
  co_return !failure;
}

Task<std::size_t> Transport::read_some(std::span<char> space, error_code& failure) {
  const auto buffer = asio::buffer(space.data(), space.size());
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  return tls_ ? tls_->async_read_some(buffer, token) : socket_.async_read_some(buffer, token);
}

Task<std::size_t> Transport::write_some(std::string_view bytes, error_code& failure) {
  const auto buffer = asio::buffer(bytes);
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  return tls_ ? tls_->async_write_some(buffer, token) : socket_.async_write_some(buffer, token);
}

Task<error_code> Transport::wait_readable() {
  error_code failure;
  co_await socket_.async_wait(asio::ip::tcp::socket::wait_read,
                              asio::redirect_error(asio::use_awaitable, failure));
  co_return failure;
}

std::size_t Transport::write_now(std::string_view head, std::string_view body) {
  if (tls_) return 0;
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(body)};
  error_code failure;  // Found again, and judged, by the write that waits.
  return body.empty() ? socket_.write_some(buffers[0], failure)
                      : socket_.write_some(buffers, failure);
}

Task<void> Transport::close_notify() {
  if (!tls_) co_return;
  error_code failure;
  // Asio would wait for the client's goodbye; this way it finds the end of the stream instead.
  socket_.shutdown(asio::ip::tcp::socket::shutdown_receive, failure);
  co_await tls_->async_shutdown(asio::redirect_error(asio::use_awaitable, failure));
}

bool Transport::is_closed_by_client() {
  pollfd socket{.fd = socket_.native_handle(), .events = POLLRDHUP, .revents = 0};
  return ::poll(&socket, 1, 0) > 0 && (socket.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

void Transport::cancel() {
  error_code ignored;
  socket_.cancel(ignored);
}

void Transport::shutdown_send() {
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void Transport::shutdown_both() {
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
}

}  // namespace bellpull
