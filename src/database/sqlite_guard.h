// What a statement of others may do on a SQLite connection: the authorizer and the limits.
#pragma once

#include <cstdint>

struct sqlite3;

namespace bellpull {

// Values and rows; a table may hold larger ones, which then are refused. It bounds the time that a
// function takes over one.
constexpr int max_sqlite_value_bytes = 1 << 20;

enum class SqliteAccess : std::uint8_t { read, write };

// Allows reading, and with `write` changing rows; no ATTACH (nor VACUUM INTO), no PRAGMA, no
// extension, no table made or dropped, no transaction begun or ended; and nothing that takes more
// than about a second before the deadline is looked at again. The connection keeps it for its life.
void guard(sqlite3* connection, const SqliteAccess& access);

}  // namespace bellpull
