// Makes a connection to PostgreSQL and judges its role; blocks, because libpq looks names up so.
#pragma once

#include <expected>
#include <string>

#include "database/declaration.h"
#include "database/postgres_handle.h"

namespace bellpull {

struct ConnectionText {
  bool is_valid = false;
  bool has_password = false;
};
ConnectionText read_connection_text(const std::string& text);

struct ConnectFailure {
  std::string message;  // for whoever sent the statement
  std::string detail;   // for the operator's log; no password
};

// Ready for statements; its role is no superuser, nor may it become one or reach its host's files
// and programs, unless the declaration allows that.
std::expected<PostgresConnection, ConnectFailure> connect_to(const DatabaseDeclaration& database);

}  // namespace bellpull
