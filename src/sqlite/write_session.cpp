#include "sqlite/write_session.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include <sqlite3.h>

#include "base/random.h"
#include "sqlite/database.h"
#include "sqlite/migrations.h"
#include "sqlite/written.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

// The format is set before the first table (product.md 7). Checkpoints are the checkpointer's.
// FULL: a commit returns after the log file has been flushed.
constexpr const char* settings = R"sql(
  pragma page_size = 4096;
  pragma auto_vacuum = incremental;
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma wal_autocheckpoint = 0;
  pragma journal_size_limit = 67108864;
  pragma cache_size = -32000;
  pragma temp_store = memory;
  pragma foreign_keys = off;
)sql";

// Opens the file in a state that is known to be on disk. After a failed flush the log file may hold
// pages that the disk never got, although reading them back looks fine. Copying its content into
// the main file writes and flushes every such page anew, and leaves an empty log file.
Database& settle(Database& database) {
  database.execute(settings);
  Statement checkpoint{database, "pragma wal_checkpoint(truncate)"};
  if (!checkpoint.step() || checkpoint.number(0) != 0) {
    throw SqliteError(SQLITE_BUSY, "the log file is in use by another connection");
  }
  while (checkpoint.step()) {
  }
  migrate(database, main_migrations());
  database.execute(
      "begin immediate; create table if not exists probe (opened integer not null);"
      "delete from probe; insert into probe values (1); commit;");
  return database;
}

}  // namespace

WriteSession::WriteSession(const std::filesystem::path& file, Random& random)
    : database_(file, OpenMode::create),
      transaction_(settle(database_), nullptr, random, written_),
      events_(database_, written_),
      records_(database_, transaction_.run_table(), transaction_.usage_table(),
               transaction_.log_table(), random, written_),
      begin_(database_, "begin immediate"),
      commit_(database_, "commit"),
      savepoint_(database_, "savepoint work"),
      undo_(database_, "rollback to work"),
      release_(database_, "release work") {
  transaction_.run_table().write_through(events_, records_);
  transaction_.occurrence_table().write_through(events_);
  sqlite3_wal_hook(
      database_.handle(),
      [](void* pages, sqlite3* /*database*/, const char* /*name*/, int in_log) {
        *static_cast<std::int64_t*>(pages) = in_log;
        return SQLITE_OK;
      },
      &log_pages_);
}

void WriteSession::begin() {
  written_ = {};
  events_.begin();
  mark_ = events_.mark();
  begin_.run();
}

void WriteSession::commit() {
  transaction_.usage_table().add(written_.usage);
  commit_.run();
}

void WriteSession::roll_back() noexcept {
  events_.undo(mark_);
  written_ = {};
  // SQLite has undone it already after some failures; then there is nothing to roll back.
  if (sqlite3_get_autocommit(database_.handle()) == 0) {
    sqlite3_exec(database_.handle(), "rollback", nullptr, nullptr, nullptr);
  }
}

void WriteSession::run_undoably(const std::function<bool(Transaction&)>& work) {
  const Written before = written_;
  const std::int64_t mark = events_.mark();
  const auto undo = [&] {
    written_ = before;
    events_.undo(mark);
    undo_.run();
    release_.run();
  };
  savepoint_.run();
  try {
    if (work(transaction_)) {
      release_.run();
    } else {
      undo();
    }
  } catch (const SqliteError& error) {
    // The whole transaction is lost with the disk; there is nothing left to undo here.
    if (!error.is_io_failure() && !error.is_full()) undo();
    throw;
  } catch (...) {
    undo();
    throw;
  }
  events_.begin();  // the work may have changed a trigger
}

}  // namespace bellpull
