#include "database/databases.h"

#include <algorithm>
#include <expected>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <fmt/core.h>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "database/declaration.h"
#include "database/postgres_database.h"
#include "database/query.h"
#include "database/sqlite_database.h"
#include "database/statement_check.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

Databases::Databases(const asio::any_io_executor& executor,
                     std::vector<DatabaseDeclaration> declarations,
                     const std::filesystem::path& data_directory, const Clock& clock, Log& log)
    : clock_(clock) {
  if (const auto problems = problems_of(declarations, data_directory); !problems.empty()) {
    throw std::invalid_argument(problems.front());
  }
  for (DatabaseDeclaration& declaration : declarations) {
    std::unique_ptr<DeclaredDatabase> database;
    if (declaration.is_postgresql()) {
      database = std::make_unique<PostgresDatabase>(executor, declaration, clock, log);
    } else {
      database = std::make_unique<SqliteDatabase>(executor, declaration, data_directory, clock);
    }
    std::string name = declaration.name;
    databases_.emplace(std::move(name), Entry{std::move(declaration), std::move(database)});
  }
}

Databases::~Databases() = default;

Task<QueryAnswer> Databases::query(BoundStatement statement) {
  const auto found = databases_.find(statement.database);
  if (found == databases_.end()) {
    co_return query_failed(QueryCause::invalid,
                           fmt::format("There is no database {}", statement.database.substr(0, 40)),
                           databases_.empty() ? "the operator declares databases; none is"
                                              : "there is " + listed(names()));
  }
  const DatabaseDeclaration& declaration = found->second.declaration;
  if (auto fault = fault_of(statement, declaration.writable)) {
    co_return std::unexpected(std::move(*fault));
  }
  const SteadyTime now = clock_.steady_now();
  statement.deadline = std::min(statement.deadline, now + declaration.timeout);
  if (statement.deadline <= now) {
    co_return query_failed(QueryCause::unreachable, "No time was left for the statement");
  }
  co_return co_await found->second.database->query(std::move(statement));
}

std::vector<std::string> Databases::names() const {
  std::vector<std::string> names;
  names.reserve(databases_.size());
  for (const auto& [name, entry] : databases_) names.push_back(name);
  return names;
}

bool Databases::is_writable(std::string_view name) const {
  const auto found = databases_.find(name);
  return found != databases_.end() && found->second.declaration.writable;
}

}  // namespace bellpull
