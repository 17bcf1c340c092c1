#include "database/postgres_connect.h"

#include <expected>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <libpq-fe.h>

#include "database/declaration.h"
#include "database/postgres_handle.h"

namespace bellpull {

namespace {

using Options = std::map<std::string, std::string, std::less<>>;

// Its role, those it is a member of and may become with set_config('role', ...), and the
// memberships that reach the server's host. Schema-qualified, since the role's own search_path
// holds here.
constexpr const char* mighty_role_sql = R"sql(
  select exists (select from pg_catalog.pg_roles
                  where (rolsuper or rolname in ('pg_execute_server_program',
                                                 'pg_read_server_files', 'pg_write_server_files'))
                    and pg_catalog.pg_has_role(session_user, oid, 'member')))sql";

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

Options options_of(const std::string& text) {
  Options options;
  const std::unique_ptr<PQconninfoOption, FreeOptions> parsed{
      PQconninfoParse(text.c_str(), nullptr)};
  for (const PQconninfoOption* one = parsed.get(); one != nullptr && one->keyword != nullptr;
       ++one) {
    if (one->val != nullptr) options.emplace(one->keyword, one->val);
  }
  return options;
}

// The first line: editors end files with a line end.
std::string password_in(const std::string& file) {
  std::ifstream in{file};
  std::string line;
  std::getline(in, line);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

// What the operator's text says, and what it leaves to us.
Options full_options(const DatabaseDeclaration& database) {
  Options options = options_of(database.postgresql);
  if (!database.password.empty()) options.insert_or_assign("password", database.password);
  if (!database.password_file.empty()) {
    options.insert_or_assign("password", password_in(database.password_file));
  }
  options.emplace("application_name", "bellpull");
  options.emplace("connect_timeout", "10");
  options.emplace("tcp_user_timeout", "10000");
  options.insert_or_assign("client_encoding", "UTF8");
  return options;
}

// What libpq says, in one line, without the password, should a server repeat it.
std::string words_of(PGconn* connection, const Options& options) {
  std::string words = PQerrorMessage(connection);
  while (words.ends_with('\n')) words.pop_back();
  if (const auto password = options.find("password");
      password != options.end() && !password->second.empty()) {
    for (auto at = words.find(password->second); at != std::string::npos;
         at = words.find(password->second, at)) {
      words.replace(at, password->second.size(), "***");
      at += 3;
    }
  }
  return words;
}

bool says_false(PGconn* connection, const char* sql) {
  const PostgresResult result{PQexec(connection, sql)};
  return PQresultStatus(result.get()) == PGRES_TUPLES_OK && PQntuples(result.get()) == 1 &&
         std::string_view{PQgetvalue(result.get(), 0, 0)} == "f";
}

void drop_notice(void* /*nothing*/, const PGresult* /*notice*/) {}

}  // namespace

ConnectionText read_connection_text(const std::string& text) {
  const std::unique_ptr<PQconninfoOption, FreeOptions> parsed{
      PQconninfoParse(text.c_str(), nullptr)};
  return {.is_valid = parsed != nullptr, .has_password = options_of(text).contains("password")};
}

std::expected<PostgresConnection, ConnectFailure> connect_to(const DatabaseDeclaration& database) {
  const Options options = full_options(database);
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : options) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  PostgresConnection connection{PQconnectdbParams(keys.data(), values.data(), 0)};
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    return std::unexpected(
        ConnectFailure{fmt::format("The database {} can't be reached", database.name),
                       words_of(connection.get(), options)});
  }
  PQsetNoticeReceiver(connection.get(), drop_notice, nullptr);
  // What can't be told counts as a role that may do anything.
  if (!database.superuser && !says_false(connection.get(), mighty_role_sql)) {
    return std::unexpected(ConnectFailure{
        fmt::format("The database {} is not used: its role may do too much", database.name),
        fmt::format("the role of {} is a superuser, or may become one or reach files of its host; "
                    "make a role for Bellpull, or set database.{}.superuser = true",
                    database.name, database.name)});
  }
  return connection;
}

}  // namespace bellpull
