// A database that the operator declared: where it is, and what statements may do there.
//
// Abilities only name it. What reaches the host (addresses, files, roles, passwords) is never an
// account user's to choose.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace bellpull {

struct DatabaseDeclaration {
  std::string name;
  // Exactly one of the two:
  std::string postgresql;  // a URI or "host=... dbname=..."; may hold a password
  std::string sqlite;      // a file

  std::string password;       // of the PostgreSQL role; or it is the content of
  std::string password_file;  // read at each connection, so that it may be replaced
  std::string search_path = "public";
  bool superuser = false;  // whether a role that may do anything on its host is accepted
  bool writable = false;
  std::size_t max_rows = 200;
  std::size_t max_bytes = std::size_t{256} << 10;  // of a reply's values
  Duration timeout = std::chrono::seconds{10};     // of a statement, waiting for its turn included
  std::size_t pool = 4;                            // statements at the same time

  bool is_postgresql() const { return !postgresql.empty(); }
};

// Lower-case letters, digits and underscores, a letter first, at most 40.
bool is_database_name(std::string_view name);

// Everything that is wrong with the declarations, one sentence each, naming its key; no secrets.
std::vector<std::string> problems_of(const std::vector<DatabaseDeclaration>& databases,
                                     const std::filesystem::path& data_directory);

}  // namespace bellpull
