// What PostgreSQL's error says to whoever sent the statement.
#pragma once

#include <libpq-fe.h>

#include "database/query.h"

namespace bellpull {

// Whether the server was about to end the connection, or libpq found it ended.
bool is_end_of_connection(const PGresult* result);

// Message, hint and SQLSTATE; the detail too, which names the violated key. A position in the
// statement becomes part of the message.
QueryFailure refusal_of(const PGresult* result);

}  // namespace bellpull
