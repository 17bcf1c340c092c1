// One statement for a declared database, and what came of it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/time.h"

namespace bellpull {

// Parameters are $1 to $n in the text, and never become part of it. An object or array is bound as
// JSON text, true and false are 1 and 0 to SQLite.
struct BoundStatement {
  std::string database;
  std::string text;
  std::vector<boost::json::value> parameters;
  SteadyTime deadline;  // the database's own timeout holds as well
};

// Which limit a reply reached; what is beyond it was dropped.
enum class Truncation : std::uint8_t { none, rows, bytes };

// Values as JSON: whole numbers, floats, true, false and null as such, json columns as what they
// hold. As text: numeric (it would lose digits), NaN and infinities, dates (ISO 8601, UTC), arrays
// and every other type as the database writes it; bytes in base64.
struct QueryReply {
  std::vector<std::string> columns;                     // empty for a statement that gives no rows
  boost::json::array rows;                              // of arrays, in the columns' order
  std::optional<std::int64_t> affected = std::nullopt;  // rows that a write changed
  Truncation truncated = Truncation::none;
};

enum class QueryCause : std::uint8_t {
  invalid,         // the statement or its parameters; nothing was sent
  unreachable,     // no connection, or no turn in time; nothing was sent, later it may work
  refused,         // the database said no; nothing was kept
  timed_out,       // stopped at its deadline; nothing was kept
  canceled,        // the caller's task was; nothing was kept
  lost,            // the connection broke in a statement that only reads: it may be sent again
  outcome_unknown  // the connection broke after a statement that may write was sent
};

// Never holds a password, a connection string or a path.
struct QueryFailure {
  QueryCause cause = QueryCause::invalid;
  std::string message;
  std::string sqlstate;  // PostgreSQL's; or the name of SQLite's code
  std::string hint;
};

using QueryAnswer = std::expected<QueryReply, QueryFailure>;

inline std::unexpected<QueryFailure> query_failed(QueryCause cause, std::string message,
                                                  std::string hint = {}) {
  return std::unexpected(
      QueryFailure{.cause = cause, .message = std::move(message), .hint = std::move(hint)});
}

}  // namespace bellpull
