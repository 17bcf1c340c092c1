#include "database/sqlite_statement.h"

#include <algorithm>
#include <chrono>
#include <expected>
#include <filesystem>
#include <memory>
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

bool should_end(const SqliteStop& stop) {
  return stop.canceled || stop.clock.steady_now() >= stop.deadline;
}

int look_whether_to_end(void* stop) {
  return should_end(*static_cast<const SqliteStop*>(stop)) ? 1 : 0;
}

// The library's own words, without its number for what it said.
QueryFailure failure_of(sqlite3* connection, int code, const SqliteStop& stop) {
  if (code == SQLITE_INTERRUPT) {
    return stop.canceled ? QueryFailure{QueryCause::canceled, "The statement was canceled"}
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
      failure.sqlstate = "SQLITE_TOOBIG";
      failure.hint = "select parts of long values with substr()";
      break;
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

int lock_wait_ms(const SqliteStop& stop) {
  const auto left = std::chrono::duration_cast<Duration>(stop.deadline - stop.clock.steady_now());
  return static_cast<int>(std::clamp(left, Duration{0}, longest_lock_wait).count());
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

QueryAnswer run_on_sqlite(const DatabaseDeclaration& declaration,
                          const std::filesystem::path& data_directory,
                          const BoundStatement& statement, const SqliteStop& stop) {
  if (should_end(stop)) {
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
  sqlite3_busy_timeout(connection.get(), lock_wait_ms(stop));
  // The library hands the pointer back as it is, and the callback only reads from it.
  sqlite3_progress_handler(connection.get(), instructions_between_looks, look_whether_to_end,
                           const_cast<SqliteStop*>(&stop));
  return run(connection.get(), declaration, statement, stop);
}

}  // namespace bellpull
