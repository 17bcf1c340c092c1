// The schema, as numbered steps that are applied once, in order, each in a transaction of its own.
#pragma once

#include <span>
#include <string_view>

#include "sqlite/database.h"

namespace bellpull {

struct Migration {
  // NOLINTNEXTLINE(google-explicit-constructor): most are nothing but SQL
  constexpr Migration(std::string_view statements, void (*and_then)(Database&) = nullptr)
      : sql(statements), then(and_then) {}

  std::string_view sql;
  void (*then)(Database& database);  // what SQL can't do; in the same transaction
};

// Of the main file. A step that has been released is never edited: a change is a new step.
std::span<const Migration> main_migrations();
// Of the index file, which can be removed and is then built again.
std::span<const Migration> index_migrations();

// Brings the database to the newest version. Throws when it was written by a newer Bellpull.
void migrate(Database& database, std::span<const Migration> migrations);

}  // namespace bellpull
