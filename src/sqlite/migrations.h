// The schema, as numbered steps that are applied once, in order, each in a transaction of its own.
#pragma once

#include <span>
#include <string_view>

#include "sqlite/database.h"

namespace bellpull {

// Of the main file. A step that has been released is never edited: a change is a new step.
std::span<const std::string_view> main_migrations();
// Of the index file, which can be removed and is then built again.
std::span<const std::string_view> index_migrations();

// Brings the database to the newest version. Throws when it was written by a newer Bellpull.
void migrate(Database& database, std::span<const std::string_view> migrations);

}  // namespace bellpull
