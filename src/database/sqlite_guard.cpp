#include "database/sqlite_guard.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <sqlite3.h>

#include "database/sqlite_functions.h"

namespace bellpull {

namespace {

constexpr int max_pattern_bytes = 256;  // LIKE and GLOB take time by pattern times text: 0.4 s

// Of a command line with these loaded, or a build with them: files and code of the host.
constexpr std::string_view host_functions[] = {"load_extension", "fts3_tokenizer", "readfile",
                                               "writefile",      "edit",           "lsdir"};
// Makes of a deep value a text a thousand times as long, before its length is looked at.
constexpr std::string_view swelling_function = "json_pretty";

std::string_view text_of(const char* text) { return text == nullptr ? "" : text; }

bool allows(SqliteAccess access, int action, std::string_view first, std::string_view second) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
      return true;
    case SQLITE_FUNCTION:
      return second != swelling_function &&
             std::ranges::find(host_functions, second) == std::end(host_functions);
    case SQLITE_PRAGMA:
      return first == "data_version";  // full-text tables ask for it themselves
    case SQLITE_UPDATE:
      // The library's own question when it connects a virtual table, such as a full-text one. Of a
      // statement it refuses this itself: without writable_schema that table can't be changed.
      if (first == "sqlite_master") return true;
      [[fallthrough]];
    case SQLITE_INSERT:
    case SQLITE_DELETE:
      return access == SqliteAccess::write && !first.starts_with("sqlite_");
    default:
      return false;
  }
}

int authorize(void* access, int action, const char* first, const char* second,
              const char* /*database*/, const char* /*trigger*/) {
  const bool allowed =
      allows(*static_cast<const SqliteAccess*>(access), action, text_of(first), text_of(second));
  if (!allowed) return SQLITE_DENY;
  // To a DELETE this means: row by row, and not the whole table in one instruction.
  return action == SQLITE_DELETE ? SQLITE_IGNORE : SQLITE_OK;
}

}  // namespace

void guard(sqlite3* connection, const SqliteAccess& access) {
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, max_sqlite_value_bytes);
  sqlite3_limit(connection, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, max_pattern_bytes);
  sqlite3_limit(connection, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(connection, SQLITE_LIMIT_WORKER_THREADS, 0);
  bound_functions(connection);
  // The library hands the pointer back as it is, and the callback only reads from it.
  sqlite3_set_authorizer(connection, authorize, const_cast<SqliteAccess*>(&access));
}

}  // namespace bellpull
