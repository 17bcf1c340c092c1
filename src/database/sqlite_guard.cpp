#include "database/sqlite_guard.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <sqlite3.h>

namespace bellpull {

namespace {

// Values and rows; a table may hold larger ones, which then are refused.
constexpr int max_value_bytes = 16 << 20;
constexpr int max_pattern_bytes = 1'000;  // LIKE and GLOB take time by pattern times text

// Of a command line with these loaded, or a build with them: files and code of the host.
constexpr std::string_view host_functions[] = {"load_extension", "fts3_tokenizer", "readfile",
                                               "writefile",      "edit",           "lsdir"};

std::string_view text_of(const char* text) { return text == nullptr ? "" : text; }

bool allows(SqliteAccess access, int action, std::string_view first, std::string_view second) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
      return true;
    case SQLITE_FUNCTION:
      return std::ranges::find(host_functions, second) == std::end(host_functions);
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
  return allowed ? SQLITE_OK : SQLITE_DENY;
}

}  // namespace

void guard(sqlite3* connection, const SqliteAccess& access) {
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, max_value_bytes);
  sqlite3_limit(connection, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, max_pattern_bytes);
  sqlite3_limit(connection, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(connection, SQLITE_LIMIT_WORKER_THREADS, 0);
  // The library hands the pointer back as it is, and the callback only reads from it.
  sqlite3_set_authorizer(connection, authorize, const_cast<SqliteAccess*>(&access));
}

}  // namespace bellpull
