// One connection to PostgreSQL: runs one statement at a time, each in a transaction of its own, and
// is as new afterwards or not used again.
//
// Lifetime: outlives its run(). Threads: the executor's only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <libpq-fe.h>

#include "base/task.h"
#include "base/time.h"
#include "database/declaration.h"
#include "database/postgres_handle.h"
#include "database/postgres_reply.h"
#include "database/postgres_wire.h"
#include "database/query.h"

namespace bellpull {

class PostgresSession {
 public:
  PostgresSession(const boost::asio::any_io_executor& executor, PostgresConnection connection,
                  const Clock& clock);

  // Nothing when the connection turned out to be dead before the statement was sent.
  Task<std::optional<QueryAnswer>> run(DatabaseDeclaration declaration, BoundStatement statement);

  // Whether the next statement may use it: it is as new, not old, and the server is still there.
  bool is_usable() const;
  // When it was left with a statement under way: what tells the server to stop that.
  PostgresCancel take_cancel();

 private:
  // `left`: the server may still be at work, and nobody waits for it.
  enum class State : std::uint8_t { idle, running, left, spent };
  // What the server made of SQL of our own.
  struct Executed {
    Arrival arrival = Arrival::end;
    std::optional<QueryFailure> refusal = std::nullopt;
    bool succeeded() const { return arrival == Arrival::end && !refusal; }
  };

  Task<Executed> execute(std::string sql, SteadyTime deadline);
  bool send(const BoundStatement& statement);
  Task<QueryAnswer> fetch(DatabaseDeclaration declaration, SteadyTime deadline);
  QueryAnswer left_with(Arrival arrival, bool writable, PostgresReply reply);
  Task<std::optional<QueryFailure>> commit(SteadyTime deadline);
  Task<void> clean();
  QueryFailure failure_of(const PGresult* result, bool writable, SteadyTime deadline) const;
  std::string begin_sql(const DatabaseDeclaration& declaration, SteadyTime deadline) const;

  // Constant after construction:
  const Clock& clock_;
  const SteadyTime made_at_;

  PostgresWire wire_;
  PostgresCancel cancel_;
  State state_ = State::idle;
};

}  // namespace bellpull
