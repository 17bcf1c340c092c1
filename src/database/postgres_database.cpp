#include "database/postgres_database.h"

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <fmt/core.h>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "database/declaration.h"
#include "database/postgres_pool.h"
#include "database/query.h"

namespace bellpull {

PostgresDatabase::PostgresDatabase(const boost::asio::any_io_executor& executor,
                                   DatabaseDeclaration declaration, const Clock& clock, Log& log)
    : declaration_(std::move(declaration)),
      pool_(std::make_shared<PostgresPool>(executor, declaration_, clock, log)) {}

Task<QueryAnswer> PostgresDatabase::query(BoundStatement statement) {
  // A kept connection may have died unnoticed; all of the pool's may have, when a server restarted.
  for (std::size_t tries = 0; tries <= declaration_.pool; ++tries) {
    auto lease = co_await pool_->take(statement.deadline);
    if (!lease) co_return std::unexpected(std::move(lease.error()));
    std::optional<QueryAnswer> answer = co_await lease->session().run(declaration_, statement);
    if (answer) co_return std::move(*answer);
  }
  co_return query_failed(
      QueryCause::unreachable,
      fmt::format("The database {} breaks every connection to it", declaration_.name));
}

}  // namespace bellpull
