// The connections to one PostgreSQL database: made when they are needed, kept, and replaced when
// they are dead.
//
// Whoever takes a session and finds none free waits in line. Connections are made on the pool's own
// threads and belong to it: who gave up waiting leaves the connection to the next one.
//
// Shared: connections that are being made hold it weakly, since it may go before they are there.
// Threads: the executor's only, but for what the threads do by themselves.
#pragma once

#include <cstddef>
#include <expected>
#include <list>
#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "database/declaration.h"
#include "database/postgres_connect.h"
#include "database/postgres_session.h"
#include "database/query.h"

namespace bellpull {

class PostgresPool : public std::enable_shared_from_this<PostgresPool> {
 public:
  // A session of the caller's, until it goes; then the pool has it again, or the place of it.
  class Lease {
   public:
    Lease(std::shared_ptr<PostgresPool> pool, std::unique_ptr<PostgresSession> session)
        : pool_(std::move(pool)), session_(std::move(session)) {}
    // NOLINTNEXTLINE(bugprone-exception-escape): only for want of memory, which ends the server.
    ~Lease() {
      if (session_) pool_->give_back(std::move(session_));
    }
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;

    PostgresSession& session() const { return *session_; }

   private:
    std::shared_ptr<PostgresPool> pool_;
    std::unique_ptr<PostgresSession> session_;
  };

  PostgresPool(boost::asio::any_io_executor executor, DatabaseDeclaration declaration,
               const Clock& clock, Log& log);
  ~PostgresPool();
  PostgresPool(const PostgresPool&) = delete;
  PostgresPool& operator=(const PostgresPool&) = delete;

  // Fails with `unreachable` when there is none in time, or no connection can be made.
  Task<std::expected<Lease, QueryFailure>> take(SteadyTime deadline);

 private:
  struct Waiter;
  using Connected = std::expected<PostgresConnection, ConnectFailure>;

  void give_back(std::unique_ptr<PostgresSession> session);
  void offer(std::unique_ptr<PostgresSession> session);
  void drop(std::unique_ptr<PostgresSession> session);
  void connect_if_wanted();
  void connected(Connected connection);

  // Constant after construction:
  const boost::asio::any_io_executor executor_;
  const DatabaseDeclaration declaration_;
  const Clock& clock_;
  Log& log_;

  // The executor's:
  std::vector<std::unique_ptr<PostgresSession>> idle_;
  std::list<Waiter*> waiters_;
  std::size_t open_ = 0;        // sessions, and connections being made
  std::size_t connecting_ = 0;  // of these

  boost::asio::thread_pool threads_;
};

}  // namespace bellpull
