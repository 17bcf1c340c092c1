#include "database/postgres_pool.h"

#include <array>
#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/core.h>
#include <libpq-fe.h>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "database/declaration.h"
#include "database/postgres_connect.h"
#include "database/postgres_handle.h"
#include "database/postgres_session.h"
#include "database/query.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

// One for connections, which may hang, and one beside it for what stops statements.
constexpr std::size_t blocking_threads = 2;

}  // namespace

// A place in line; leaving the scope leaves the line, and what it got by then goes to the next.
struct PostgresPool::Waiter {
  explicit Waiter(PostgresPool& in) : pool(in), ready(in.executor_) {
    pool.waiters_.push_back(this);
  }
  ~Waiter() {
    pool.waiters_.remove(this);
    if (session) pool.offer(std::move(session));
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  void wake() {
    pool.waiters_.remove(this);
    ready.cancel();
  }

  PostgresPool& pool;
  asio::steady_timer ready;
  std::unique_ptr<PostgresSession> session;
  std::optional<ConnectFailure> failure;
};

PostgresPool::PostgresPool(asio::any_io_executor executor, DatabaseDeclaration declaration,
                           const Clock& clock, Log& log)
    : executor_(std::move(executor)),
      declaration_(std::move(declaration)),
      clock_(clock),
      log_(log),
      threads_(blocking_threads) {}

// What is still to be stopped on the server is; connections not yet begun are not made any more.
PostgresPool::~PostgresPool() { threads_.join(); }

Task<std::expected<PostgresPool::Lease, QueryFailure>> PostgresPool::take(SteadyTime deadline) {
  while (!idle_.empty()) {
    std::unique_ptr<PostgresSession> session = std::move(idle_.back());
    idle_.pop_back();
    if (session->is_usable()) co_return Lease{shared_from_this(), std::move(session)};
    --open_;
  }
  const std::shared_ptr<PostgresPool> self = shared_from_this();
  Waiter waiter{*this};
  connect_if_wanted();
  waiter.ready.expires_after(deadline - clock_.steady_now());
  boost::system::error_code woken;
  co_await waiter.ready.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  if (waiter.session) co_return Lease{self, std::move(waiter.session)};
  if (waiter.failure) {
    co_return query_failed(QueryCause::unreachable, waiter.failure->message,
                           "the server's log says why");
  }
  if (woken) co_return query_failed(QueryCause::canceled, "The statement was canceled");
  co_return query_failed(
      QueryCause::unreachable,
      fmt::format("The database {} had no connection free in time", declaration_.name));
}

void PostgresPool::give_back(std::unique_ptr<PostgresSession> session) {
  if (session->is_usable()) {
    offer(std::move(session));
  } else {
    drop(std::move(session));
  }
}

void PostgresPool::offer(std::unique_ptr<PostgresSession> session) {
  if (waiters_.empty()) {
    idle_.push_back(std::move(session));
    return;
  }
  Waiter& first = *waiters_.front();
  first.session = std::move(session);
  first.wake();
}

// The server is told to stop what it is at before its connection is closed: by that alone it
// wouldn't notice until it has something to send.
void PostgresPool::drop(std::unique_ptr<PostgresSession> session) {
  --open_;
  if (PostgresCancel cancel = session->take_cancel()) {
    asio::post(threads_, [cancel = std::shared_ptr<PGcancel>(std::move(cancel))] {
      std::array<char, 256> why{};
      PQcancel(cancel.get(), why.data(), static_cast<int>(why.size()));
    });
  }
  session.reset();
  connect_if_wanted();
}

void PostgresPool::connect_if_wanted() {
  while (open_ < declaration_.pool && connecting_ < waiters_.size()) {
    ++open_;
    ++connecting_;
    asio::post(threads_,
               [weak = weak_from_this(), executor = executor_, declaration = declaration_] {
                 if (weak.expired()) return;
                 auto made = std::make_shared<Connected>(connect_to(declaration));
                 asio::post(executor, [weak, made] {
                   if (const auto pool = weak.lock()) pool->connected(std::move(*made));
                 });
               });
  }
}

void PostgresPool::connected(Connected connection) {
  --connecting_;
  if (connection) {
    try {
      offer(std::make_unique<PostgresSession>(executor_, std::move(*connection), clock_));
      return;
    } catch (const std::system_error& error) {
      connection = std::unexpected(ConnectFailure{
          fmt::format("The database {} can't be reached", declaration_.name), error.what()});
    }
  }
  --open_;
  log_.warning("database", "no connection",
               {{"database", boost::json::value(declaration_.name)},
                {"error", boost::json::value(connection.error().detail)}});
  if (waiters_.empty()) return;
  Waiter& first = *waiters_.front();
  first.failure = std::move(connection.error());
  first.wake();
  connect_if_wanted();
}

}  // namespace bellpull
