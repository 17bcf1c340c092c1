// Runs one statement on a SQLite file, from opening it to closing it; blocks.
//
// A connection of its own for each statement: nothing a statement does to a connection is there
// for the next one, and a file that was replaced is read as it is now.
#pragma once

#include <atomic>
#include <filesystem>

#include "base/time.h"
#include "database/declaration.h"
#include "database/query.h"

namespace bellpull {

// Why a statement under way should end.
struct SqliteStop {
  const Clock& clock;
  SteadyTime deadline;
  const std::atomic<bool>& canceled;
};

QueryAnswer run_on_sqlite(const DatabaseDeclaration& declaration,
                          const std::filesystem::path& data_directory,
                          const BoundStatement& statement, const SqliteStop& stop);

}  // namespace bellpull
