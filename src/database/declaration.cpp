#include "database/declaration.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "database/postgres_connect.h"
#include "database/sqlite_file.h"

namespace bellpull {

namespace {

// The problems of one database, each under its key.
class Problems {
 public:
  Problems(std::string name, std::vector<std::string>& found)
      : name_(std::move(name)), found_(found) {}

  void add(std::string_view key, std::string_view what) {
    found_.push_back(fmt::format("database.{}.{} {}", name_, key, what));
  }

 private:
  const std::string name_;
  std::vector<std::string>& found_;
};

// "sales, public" and the like; what else it may hold would need quoting rules of its own.
bool is_search_path(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ',' || c == ' ';
  }) && std::ranges::any_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
  });
}

void check_postgresql(const DatabaseDeclaration& database, Problems& problems) {
  const ConnectionText text = read_connection_text(database.postgresql);
  if (!text.is_valid) {
    problems.add("postgresql",
                 "is neither postgresql://USER@HOST/DATABASE nor host=HOST dbname=DATABASE "
                 "user=USER");
  }
  const int passwords = static_cast<int>(text.has_password) +
                        static_cast<int>(!database.password.empty()) +
                        static_cast<int>(!database.password_file.empty());
  if (passwords > 1) {
    problems.add("password",
                 "is given more than once; give one of postgresql, password, password_file");
  }
  if (!database.password_file.empty() && !std::ifstream{database.password_file}) {
    problems.add("password_file", fmt::format("can't be read: {}", database.password_file));
  }
  if (!is_search_path(database.search_path)) {
    problems.add("search_path", "must be names of schemas, such as \"sales, public\"");
  }
}

void check_sqlite(const DatabaseDeclaration& database, const std::filesystem::path& data_directory,
                  Problems& problems) {
  if (const auto file = find_sqlite_file(database.sqlite, data_directory); !file) {
    problems.add("sqlite", file.error());
  }
  if (!database.password.empty()) problems.add("password", "is for postgresql only");
  if (!database.password_file.empty()) problems.add("password_file", "is for postgresql only");
  if (database.superuser) problems.add("superuser", "is for postgresql only");
}

}  // namespace

bool is_database_name(std::string_view name) {
  constexpr std::size_t longest = 40;
  if (name.empty() || name.size() > longest || name[0] < 'a' || name[0] > 'z') return false;
  return std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::vector<std::string> problems_of(const std::vector<DatabaseDeclaration>& databases,
                                     const std::filesystem::path& data_directory) {
  std::vector<std::string> found;
  for (const DatabaseDeclaration& database : databases) {
    Problems problems{database.name, found};
    if (database.postgresql.empty() == database.sqlite.empty()) {
      problems.add(database.sqlite.empty() ? "postgresql" : "sqlite",
                   "and its other kind: give one of postgresql and sqlite");
    } else if (database.is_postgresql()) {
      check_postgresql(database, problems);
    } else {
      check_sqlite(database, data_directory, problems);
    }
  }
  return found;
}

}  // namespace bellpull
