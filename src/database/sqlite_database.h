// A SQLite file, read and written on threads of its own.
//
// Lifetime: its destructor interrupts what is under way and waits for it. Threads: the executor's;
// statements run on the threads.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/task.h"
#include "base/time.h"
#include "database/databases.h"
#include "database/declaration.h"
#include "database/query.h"

namespace bellpull {

class SqliteDatabase final : public DeclaredDatabase {
 public:
  SqliteDatabase(boost::asio::any_io_executor executor, DatabaseDeclaration declaration,
                 std::filesystem::path data_directory, const Clock& clock);
  ~SqliteDatabase() override;
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  Task<QueryAnswer> query(BoundStatement statement) override;

 private:
  struct Job;
  QueryAnswer run(Job& job) const;

  // Constant after construction:
  const boost::asio::any_io_executor executor_;
  const DatabaseDeclaration declaration_;
  const std::filesystem::path data_directory_;
  const Clock& clock_;
  boost::asio::thread_pool threads_;

  // The executor's: what is under way, for the destructor to cancel.
  std::vector<std::weak_ptr<Job>> jobs_;
};

}  // namespace bellpull
