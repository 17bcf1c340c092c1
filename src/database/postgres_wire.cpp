#include "database/postgres_wire.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <libpq-fe.h>

#include "base/task.h"
#include "base/time.h"
#include "database/postgres_handle.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

constexpr std::size_t chunk_bytes = std::size_t{16} << 10;

// Puts one end of a pair in the place of libpq's socket; gives the socket and the other end.
struct Spliced {
  int server = -1;
  int inner = -1;
};

Spliced splice(PGconn* connection) {
  int pair[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  const int place = PQsocket(connection);
  const Spliced spliced{.server = ::fcntl(place, F_DUPFD_CLOEXEC, 0), .inner = pair[1]};
  const bool replaced = spliced.server >= 0 && ::dup3(pair[0], place, O_CLOEXEC) >= 0;
  const int failure = errno;
  ::close(pair[0]);
  if (replaced) return spliced;
  ::close(pair[1]);
  if (spliced.server >= 0) ::close(spliced.server);
  throw std::system_error(failure, std::generic_category(), "dup");
}

bool has_unread(int socket) {
  char byte = 0;
  return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

PostgresWire::PostgresWire(const asio::any_io_executor& executor, PostgresConnection connection,
                           const Clock& clock)
    : clock_(clock),
      connection_(std::move(connection)),
      server_(executor),
      wake_(std::make_shared<asio::steady_timer>(executor)) {
  const Spliced spliced = splice(connection_.get());
  inner_ = spliced.inner;
  socket_ = spliced.server;
  server_.assign(socket_);
  server_.native_non_blocking(true);
  PQsetnonblocking(connection_.get(), 1);
}

PostgresWire::~PostgresWire() { hang_up(); }

void PostgresWire::hang_up() {
  if (inner_ >= 0) ::close(std::exchange(inner_, -1));
}

bool PostgresWire::is_quiet() const {
  pollfd look{.fd = socket_, .events = POLLIN, .revents = 0};
  return inner_ >= 0 && ::poll(&look, 1, 0) == 0;
}

Task<Arrived> PostgresWire::next(SteadyTime deadline, std::size_t max_bytes) {
  for (;;) {
    push();
    if (PQisBusy(connection_.get()) == 0) {
      pulled_ = 0;
      PostgresResult result{PQgetResult(connection_.get())};
      if (!result) co_return Arrived{inner_ < 0 ? Arrival::broken : Arrival::end};
      co_return Arrived{Arrival::result, std::move(result)};
    }
    if (inner_ < 0) co_return Arrived{Arrival::broken};
    if (pulled_ > max_bytes) co_return Arrived{Arrival::too_large};
    if (clock_.steady_now() >= deadline) co_return Arrived{Arrival::timed_out};
    co_await wait(deadline);
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return Arrived{Arrival::canceled};
    pull();
  }
}

Task<void> PostgresWire::wait(SteadyTime deadline) {
  const auto wake = [timer = wake_](const boost::system::error_code& error) {
    if (!error) timer->cancel();
  };
  wake_->expires_after(deadline - clock_.steady_now());
  server_.async_wait(asio::posix::stream_descriptor::wait_read, wake);
  if (!outgoing_.empty()) server_.async_wait(asio::posix::stream_descriptor::wait_write, wake);
  boost::system::error_code woken;
  co_await wake_->async_wait(asio::redirect_error(asio::use_awaitable, woken));
  server_.cancel();
}

// From libpq to the server.
void PostgresWire::push() {
  std::array<char, chunk_bytes> bytes{};
  while (inner_ >= 0) {
    PQflush(connection_.get());
    const ssize_t got = ::read(inner_, bytes.data(), bytes.size());
    if (got > 0) outgoing_.append(bytes.data(), static_cast<std::size_t>(got));
    if (got <= 0) break;
  }
  while (!outgoing_.empty()) {
    const ssize_t sent = ::send(socket_, outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL);
    // Of a connection that broke, what the server said before is still to be read.
    if (sent <= 0) return;
    outgoing_.erase(0, static_cast<std::size_t>(sent));
  }
}

// From the server to libpq.
void PostgresWire::pull() {
  if (inner_ < 0) return;
  std::array<char, chunk_bytes> bytes{};
  const ssize_t got = ::read(socket_, bytes.data(), bytes.size());
  if (got < 0 && would_block(errno)) return;
  bool is_broken = got <= 0;
  if (got > 0) {
    pulled_ += static_cast<std::size_t>(got);
    is_broken = ::send(inner_, bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) != got;
  }
  if (is_broken) hang_up();  // by which libpq learns of it
  const int socket = PQsocket(connection_.get());
  while (socket >= 0 && has_unread(socket) && PQconsumeInput(connection_.get()) == 1) {
  }
  // What TLS has taken in, and could not hand over for want of room in libpq's buffer.
  constexpr int most_rests = 2;
  for (int i = 0; i < most_rests; ++i) PQconsumeInput(connection_.get());
}

}  // namespace bellpull
