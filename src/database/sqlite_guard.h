// What a statement of others may do on a SQLite connection: the authorizer and the limits.
#pragma once

#include <cstdint>

struct sqlite3;

namespace bellpull {

enum class SqliteAccess : std::uint8_t { read, write };

// Allows reading, and with `write` changing rows; no ATTACH (nor VACUUM INTO), no PRAGMA, no
// extension, no table made or dropped, no transaction begun or ended. The connection keeps it for
// its life.
void guard(sqlite3* connection, const SqliteAccess& access);

}  // namespace bellpull
