// A PostgreSQL database as a place for statements.
#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "database/databases.h"
#include "database/declaration.h"
#include "database/postgres_pool.h"
#include "database/query.h"

namespace bellpull {

class PostgresDatabase final : public DeclaredDatabase {
 public:
  PostgresDatabase(const boost::asio::any_io_executor& executor, DatabaseDeclaration declaration,
                   const Clock& clock, Log& log);

  Task<QueryAnswer> query(BoundStatement statement) override;

 private:
  const DatabaseDeclaration declaration_;
  const std::shared_ptr<PostgresPool> pool_;
};

}  // namespace bellpull
