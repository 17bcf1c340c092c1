#include "database/postgres_session.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <fmt/core.h>
#include <libpq-fe.h>

#include "base/task.h"
#include "base/time.h"
#include "database/declaration.h"
#include "database/postgres_failure.h"
#include "database/postgres_handle.h"
#include "database/postgres_reply.h"
#include "database/postgres_value.h"
#include "database/postgres_wire.h"
#include "database/query.h"

namespace bellpull {

namespace {

constexpr Duration longest_life = std::chrono::minutes{30};
constexpr Duration longest_lock_wait = std::chrono::seconds{5};
// The server stops a statement itself; when it doesn't, we hang up this much later.
constexpr Duration server_grace = std::chrono::seconds{1};
constexpr Duration time_to_clean = std::chrono::seconds{5};
// Of a row beside its values, and of what comes between rows (notices).
constexpr std::size_t room_beside_values = std::size_t{256} << 10;
// Of what our own statements give.
constexpr std::size_t ours_is_short = std::size_t{256} << 10;

Duration left(SteadyTime deadline, const Clock& clock) {
  const auto time = std::chrono::duration_cast<Duration>(deadline - clock.steady_now());
  return std::max(time, Duration{1});
}

QueryFailure lost(bool writable) {
  if (!writable) return {QueryCause::lost, "The connection to the database broke"};
  return {.cause = QueryCause::outcome_unknown,
          .message =
              "The connection to the database broke while the statement ran; it was not "
              "committed yet, so what it changed in its tables was most likely undone",
          .hint = "look whether it was done before sending it again"};
}

}  // namespace

PostgresSession::PostgresSession(const boost::asio::any_io_executor& executor,
                                 PostgresConnection connection, const Clock& clock)
    : clock_(clock),
      made_at_(clock.steady_now()),
      wire_(executor, std::move(connection), clock),
      cancel_(PQgetCancel(wire_.handle())) {}

bool PostgresSession::is_usable() const {
  return state_ == State::idle && wire_.is_quiet() && clock_.steady_now() - made_at_ < longest_life;
}

PostgresCancel PostgresSession::take_cancel() {
  const bool is_at_work = state_ == State::running || state_ == State::left;
  return is_at_work ? std::move(cancel_) : nullptr;
}

// The query at the end fixes the transaction's mode: after it the server refuses `set transaction
// read write`, in whatever function that hides. The role's own settings of what dates and bytes
// look like don't count.
std::string PostgresSession::begin_sql(const DatabaseDeclaration& declaration,
                                       SteadyTime deadline) const {
  const Duration time = left(deadline, clock_);
  return fmt::format(
      "begin {}; set local search_path = {}, pg_temp; set local statement_timeout = {}; "
      "set local lock_timeout = {}; set local idle_in_transaction_session_timeout = {}; "
      "set local timezone = 'UTC'; set local datestyle = 'ISO'; set local bytea_output = 'hex'; "
      "set local standard_conforming_strings = on; set local extra_float_digits = 1; select 1",
      declaration.writable ? "read write" : "read only", declaration.search_path, time.count(),
      std::min(time, longest_lock_wait).count(), (time + time_to_clean).count());
}

Task<PostgresSession::Executed> PostgresSession::execute(std::string sql, SteadyTime deadline) {
  if (PQsendQuery(wire_.handle(), sql.c_str()) == 0) co_return Executed{Arrival::broken};
  Executed executed;
  for (;;) {
    const Arrived arrived = co_await wire_.next(deadline, ours_is_short);
    if (arrived.arrival == Arrival::end) co_return executed;
    if (arrived.arrival != Arrival::result) co_return Executed{arrived.arrival};
    if (PQresultStatus(arrived.result.get()) != PGRES_FATAL_ERROR) continue;
    if (is_end_of_connection(arrived.result.get())) co_return Executed{Arrival::broken};
    executed.refusal = refusal_of(arrived.result.get());
  }
}

// The extended protocol: one statement, and its parameters beside it.
bool PostgresSession::send(const BoundStatement& statement) {
  std::vector<std::optional<std::string>> texts;
  std::vector<const char*> values;
  texts.reserve(statement.parameters.size());
  for (const auto& parameter : statement.parameters) {
    const auto& text = texts.emplace_back(parameter_text(parameter));
    values.push_back(text ? text->c_str() : nullptr);
  }
  return PQsendQueryParams(wire_.handle(), statement.text.c_str(), static_cast<int>(values.size()),
                           nullptr, values.data(), nullptr, nullptr, 0) == 1 &&
         PQsetSingleRowMode(wire_.handle()) == 1;
}

Task<std::optional<QueryAnswer>> PostgresSession::run(DatabaseDeclaration declaration,
                                                      BoundStatement statement) {
  state_ = State::running;
  const SteadyTime deadline = statement.deadline;
  const Executed begun = co_await execute(begin_sql(declaration, deadline), deadline);
  if (begun.arrival == Arrival::canceled) {
    state_ = State::left;
    co_return query_failed(QueryCause::canceled, "The statement was canceled");
  }
  if (begun.arrival != Arrival::end) {
    state_ = State::spent;
    co_return std::nullopt;
  }
  if (begun.refusal) {
    co_await clean();
    co_return std::unexpected(*begun.refusal);
  }
  if (!send(statement)) {
    state_ = State::spent;
    co_return std::nullopt;
  }
  QueryAnswer answer = co_await fetch(declaration, deadline);
  if (state_ != State::running) co_return answer;
  if (answer && declaration.writable) {
    if (auto failure = co_await commit(deadline + server_grace)) {
      answer = std::unexpected(std::move(*failure));
      if (state_ != State::running) co_return answer;
    }
  }
  co_await clean();
  co_return answer;
}

QueryFailure PostgresSession::failure_of(const PGresult* result, bool writable,
                                         SteadyTime deadline) const {
  if (is_end_of_connection(result)) return lost(writable);
  QueryFailure failure = refusal_of(result);
  constexpr std::string_view canceled = "57014";  // by its timeout, or by an administrator
  constexpr std::chrono::milliseconds rounding{100};
  if (failure.sqlstate == canceled && clock_.steady_now() + rounding >= deadline) {
    failure.cause = QueryCause::timed_out;
    failure.message = "The statement took too long";
  }
  return failure;
}

Task<QueryAnswer> PostgresSession::fetch(DatabaseDeclaration declaration, SteadyTime deadline) {
  PostgresReply reply{declaration};
  std::optional<QueryFailure> failure;
  for (;;) {
    const Arrived arrived =
        co_await wire_.next(deadline + server_grace, declaration.max_bytes + room_beside_values);
    if (arrived.arrival == Arrival::end) break;
    if (arrived.arrival != Arrival::result) {
      co_return left_with(arrived.arrival, declaration.writable, std::move(reply));
    }
    const ExecStatusType status = PQresultStatus(arrived.result.get());
    if (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
      reply.add(arrived.result.get());
    } else if (!failure) {
      failure = failure_of(arrived.result.get(), declaration.writable, deadline);
      if (is_end_of_connection(arrived.result.get())) state_ = State::spent;
    }
    // A write is read to its end, because it is undone when it doesn't reach it.
    if (reply.is_over() && !declaration.writable) {
      co_return left_with(Arrival::too_large, declaration.writable, std::move(reply));
    }
  }
  if (failure) co_return std::unexpected(std::move(*failure));
  co_return reply.take();
}

// The server is still at it: the connection is not used again.
QueryAnswer PostgresSession::left_with(Arrival arrival, bool writable, PostgresReply reply) {
  state_ = arrival == Arrival::broken ? State::spent : State::left;
  switch (arrival) {
    case Arrival::broken:
      return std::unexpected(lost(writable));
    case Arrival::timed_out:
      return query_failed(QueryCause::timed_out, "The statement took too long");
    case Arrival::canceled:
      return query_failed(QueryCause::canceled, "The statement was canceled");
    default:
      break;
  }
  if (writable) {
    return query_failed(QueryCause::refused,
                        "The statement gives a row that is too large; it was undone",
                        "return fewer or shorter columns");
  }
  reply.cut();
  return reply.take();
}

// Only in here is it open whether the statement's changes are kept.
Task<std::optional<QueryFailure>> PostgresSession::commit(SteadyTime deadline) {
  Executed executed = co_await execute("commit", deadline);
  if (executed.succeeded()) co_return std::nullopt;
  if (executed.refusal) co_return std::move(executed.refusal);
  state_ = executed.arrival == Arrival::broken ? State::spent : State::left;
  co_return QueryFailure{.cause = QueryCause::outcome_unknown,
                         .message =
                             "The connection to the database broke while the statement was "
                             "being committed",
                         .hint = "look whether it was done before sending it again"};
}

// `discard all` drops what outlives a transaction: settings, advisory locks, LISTEN, temporary
// tables, cursors, prepared statements, the values of sequences.
Task<void> PostgresSession::clean() {
  const SteadyTime deadline = clock_.steady_now() + time_to_clean;
  state_ = State::left;
  if (PQtransactionStatus(wire_.handle()) != PQTRANS_IDLE) {
    const Executed undone = co_await execute("rollback", deadline);
    if (!undone.succeeded()) co_return;
  }
  const Executed discarded = co_await execute("discard all", deadline);
  if (discarded.succeeded()) state_ = State::idle;
}

}  // namespace bellpull
