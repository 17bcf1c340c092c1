// The databases that the operator declared; abilities name them and send one statement at a time.
//
// A statement can neither begin a second one, nor write where the declaration doesn't say
// `writable`, nor leave anything behind in its connection for the next caller. Rows, bytes and time
// are limited while they are fetched. src/database/README.md says by what.
//
// Lifetime: outlives every query; destroying it waits for SQLite's statements under way, which it
// interrupts, and for connections being made (10 s at most). Threads: the executor's only; work
// that blocks has threads of its own.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "database/declaration.h"
#include "database/query.h"

namespace bellpull {

// Where statements go; one object a declaration.
class DeclaredDatabase {
 public:
  virtual ~DeclaredDatabase() = default;
  // `statement.deadline` is the final one.
  virtual Task<QueryAnswer> query(BoundStatement statement) = 0;
};

class Databases {
 public:
  // Throws std::invalid_argument for declarations with problems; see problems_of().
  Databases(const boost::asio::any_io_executor& executor,
            std::vector<DatabaseDeclaration> declarations,
            const std::filesystem::path& data_directory, const Clock& clock, Log& log);
  ~Databases();
  Databases(const Databases&) = delete;
  Databases& operator=(const Databases&) = delete;

  // Sends it once; nothing is repeated that may have reached a database. Cancelling the task stops
  // the statement on the server, too.
  Task<QueryAnswer> query(BoundStatement statement);

  std::vector<std::string> names() const;
  // Whether a statement for it may change anything, by which callers know what they may repeat.
  bool is_writable(std::string_view name) const;

 private:
  struct Entry {
    DatabaseDeclaration declaration;
    std::unique_ptr<DeclaredDatabase> database;
  };

  // Constant after construction:
  const Clock& clock_;
  std::map<std::string, Entry, std::less<>> databases_;
};

}  // namespace bellpull
