// Runs one statement on a SQLite file, from opening it to closing it; blocks.
//
// A connection of its own for each statement: nothing a statement does to a connection is there
// for the next one, and a file that was replaced is read as it is now.
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>

#include "base/time.h"
#include "database/declaration.h"
#include "database/query.h"

struct sqlite3;

namespace bellpull {

// Why a statement under way should end, and the way to tell it. Threads: any.
class SqliteStop {
 public:
  SqliteStop(const Clock& clock, SteadyTime deadline) : clock_(clock), deadline_(deadline) {}

  // Who asked has left: the statement ends, and one that has not begun does not begin.
  void cancel();
  // Ends the statement, where it looks at nothing else: while a large table is counted, for one.
  void interrupt();

  bool is_canceled() const { return canceled_; }
  bool is_over() const { return canceled_ || clock_.steady_now() >= deadline_; }
  const Clock& clock() const { return clock_; }
  SteadyTime deadline() const { return deadline_; }

  // The connection that interrupt() reaches; null before it is closed.
  void reach(sqlite3* connection);

 private:
  const Clock& clock_;
  const SteadyTime deadline_;
  std::atomic<bool> canceled_ = false;
  std::mutex mutex_;
  sqlite3* connection_ = nullptr;  // guarded by mutex_
};

QueryAnswer run_on_sqlite(const DatabaseDeclaration& declaration,
                          const std::filesystem::path& data_directory,
                          const BoundStatement& statement, SqliteStop& stop);

}  // namespace bellpull
