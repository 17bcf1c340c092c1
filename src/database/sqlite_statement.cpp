#include "database/sqlite_statement.h"

#include <algorithm>
#include <chrono>
#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <sqlite3.h>

#include "base/text.h"
#include "base/time.h"
#include "database/declaration.h"
#include "database/query.h"
#include "database/row_collector.h"
#include "database/sqlite_file.h"
#include "database/sqlite_guard.h"
#include "database/sqlite_value.h"

namespace bellpull {

namespace {

constexpr Duration longest_lock_wait = std::chrono::seconds{5};
constexpr int instructions_between_looks = 1'000;

struct Close {
  void operator()(sqlite3* connection) const { sqlite3_close(connection); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Connection = std::unique_ptr<sqlite3, Close>;
using Prepared = std::unique_ptr<sqlite3_stmt, Close>;

// Reached until the end of the scope, which is before the connection's.
class Reached {
 public:
  Reached(SqliteStop& stop, sqlite3* connection) : stop_(stop) { stop_.reach(connection); }
  ~Reached() { stop_.reach(nullptr); }
  Reached(const Reached&) = delete;
  Reached& operator=(const Reached&) = delete;

 private:
  SqliteStop& stop_;
};

int look_whether_to_end(void* stop) {
  return static_cast<const SqliteStop*>(stop)->is_over() ? 1 : 0;
}

// How long another writer is waited for; the library's own way does not see who leaves meanwhile.
struct LockWait {
  const SqliteStop& stop;
  SteadyTime end;
};

int wait_for_lock(void* lock_wait, int tries) {
  constexpr int longest_sleep_ms = 50;
  const auto& wait = *static_cast<const LockWait*>(lock_wait);
  if (wait.stop.is_over() || wait.stop.clock().steady_now() >= wait.end) return 0;
  sqlite3_sleep(std::min(tries + 1, longest_sleep_ms));
  return 1;
}

QueryFailure too_big(QueryFailure failure) {
  failure.sqlstate = "SQLITE_TOOBIG";
  // The library's word for a value; our functions have their own.
  if (failure.message != sqlite3_errstr(SQLITE_TOOBIG)) return failure;
  failure.message = fmt::format("A value or row is longer than {} bytes, the most that is read",
                                max_sqlite_value_bytes);
  failure.hint = "leave that column out, or that row; the row's other columns can be read";
  return failure;
}

// The library's own words, without its number for what it said.
QueryFailure failure_of(sqlite3* connection, int code, const SqliteStop& stop) {
  if (code == SQLITE_INTERRUPT) {
    return stop.is_canceled() ? QueryFailure{QueryCause::canceled, "The statement was canceled"}
                              : QueryFailure{QueryCause::timed_out, "The statement took too long"};
  }
  QueryFailure failure{.cause = QueryCause::refused,
                       .message = valid_text(sqlite3_errmsg(connection))};
  switch (code & 0xff) {
    case SQLITE_AUTH:
      failure.sqlstate = "SQLITE_AUTH";
      failure.message = "Not allowed: " + failure.message;
      failure.hint = "read and change rows only; no ATTACH, PRAGMA or CREATE";
      break;
    case SQLITE_READONLY:
      failure.sqlstate = "SQLITE_READONLY";
      break;
    case SQLITE_BUSY:
      failure.sqlstate = "SQLITE_BUSY";
      failure.hint = "another program writes to it; try again";
      break;
    case SQLITE_CONSTRAINT:
      failure.sqlstate = "SQLITE_CONSTRAINT";
      break;
    case SQLITE_TOOBIG:
      return too_big(std::move(failure));
    default:
      failure.sqlstate = fmt::format("SQLITE_{}", code & 0xff);
  }
  return failure;
}

Connection open(const std::filesystem::path& file, bool writable) {
  const int mode = writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  sqlite3* opened = nullptr;
  // NOFOLLOW, because links were followed when the file was judged.
  const int code = sqlite3_open_v2(file.c_str(), &opened,
                                   mode | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX, nullptr);
  Connection connection{opened};
  if (code != SQLITE_OK) return nullptr;
  return connection;
}

// The only statement of the text, or why it is none.
std::expected<Prepared, QueryFailure> prepare(sqlite3* connection, std::string_view text,
                                              const SqliteStop& stop) {
  sqlite3_stmt* made = nullptr;
  const char* tail = nullptr;
  const int code =
      sqlite3_prepare_v3(connection, text.data(), static_cast<int>(text.size()), 0, &made, &tail);
  Prepared prepared{made};
  if (code != SQLITE_OK) return std::unexpected(failure_of(connection, code, stop));
  if (!prepared) return query_failed(QueryCause::invalid, "The statement is empty");
  sqlite3_stmt* second = nullptr;
  const auto rest = static_cast<int>(text.data() + text.size() - tail);
  const int after = sqlite3_prepare_v3(connection, tail, rest, 0, &second, nullptr);
  const Prepared another{second};
  if (after != SQLITE_OK || another) {
    return query_failed(QueryCause::invalid, "There is text behind the statement",
                        "send one statement at a time");
  }
  return prepared;
}

// Steps to the end, so that a write with RETURNING is whole even when its rows are not kept; a
// statement that only reads ends with its last row that is.
int fetch(sqlite3_stmt* statement, RowCollector& rows) {
  for (;;) {
    const int code = sqlite3_step(statement);
    if (code != SQLITE_ROW) return code;
    if (rows.admits(row_bytes(statement))) {
      rows.add(row_values(statement));
    } else if (sqlite3_stmt_readonly(statement) != 0) {
      return SQLITE_DONE;
    }
  }
}

QueryAnswer run(sqlite3* connection, const DatabaseDeclaration& declaration,
                const BoundStatement& bound, const SqliteStop& stop) {
  auto statement = prepare(connection, bound.text, stop);
  if (!statement) return std::unexpected(std::move(statement.error()));
  if (auto fault = bind_parameters(statement->get(), bound))
    return std::unexpected(std::move(*fault));
  QueryReply reply;
  for (int column = 0; column < sqlite3_column_count(statement->get()); ++column) {
    reply.columns.push_back(valid_text(sqlite3_column_name(statement->get(), column)));
  }
  RowCollector rows{declaration.max_rows, declaration.max_bytes};
  const int ended = fetch(statement->get(), rows);
  if (ended != SQLITE_DONE) return std::unexpected(failure_of(connection, ended, stop));
  rows.give(reply);
  if (sqlite3_stmt_readonly(statement->get()) == 0) {
    reply.affected = sqlite3_changes64(connection);
  }
  return reply;
}

}  // namespace

void SqliteStop::cancel() {
  canceled_ = true;
  interrupt();
}

void SqliteStop::interrupt() {
  const std::scoped_lock lock{mutex_};
  if (connection_ != nullptr) sqlite3_interrupt(connection_);
}

void SqliteStop::reach(sqlite3* connection) {
  const std::scoped_lock lock{mutex_};
  connection_ = connection;
}

QueryAnswer run_on_sqlite(const DatabaseDeclaration& declaration,
                          const std::filesystem::path& data_directory,
                          const BoundStatement& statement, SqliteStop& stop) {
  if (stop.is_over()) {
    return query_failed(QueryCause::unreachable, "The statement did not get its turn in time");
  }
  // Judged again: what stands there now may be another file than when the server started.
  const auto file = find_sqlite_file(declaration.sqlite, data_directory);
  const Connection connection = file ? open(*file, declaration.writable) : nullptr;
  if (!connection) {
    return query_failed(QueryCause::unreachable,
                        fmt::format("The database {} can't be opened", declaration.name),
                        "the operator looks at its file");
  }
  const SqliteAccess access = declaration.writable ? SqliteAccess::write : SqliteAccess::read;
  guard(connection.get(), access);
  LockWait lock_wait{.stop = stop, .end = stop.clock().steady_now() + longest_lock_wait};
  sqlite3_busy_handler(connection.get(), wait_for_lock, &lock_wait);
  sqlite3_progress_handler(connection.get(), instructions_between_looks, look_whether_to_end,
                           &stop);
  const Reached reached{stop, connection.get()};
  return run(connection.get(), declaration, statement, stop);
}

}  // namespace bellpull
