// Values between JSON and SQLite.
#pragma once

#include <cstddef>
#include <optional>

#include <boost/json/array.hpp>

#include "database/query.h"

struct sqlite3_stmt;

namespace bellpull {

// Binds $1 to $n. Fails when the text's parameters are others, or are not numbered without gaps.
std::optional<QueryFailure> bind_parameters(sqlite3_stmt* statement, const BoundStatement& bound);

// About what the row's values take as JSON, without making them.
std::size_t row_bytes(sqlite3_stmt* statement);
boost::json::array row_values(sqlite3_stmt* statement);

}  // namespace bellpull
