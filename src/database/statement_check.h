// What is refused of a statement before any database sees it.
//
// Not what keeps a database from being written to (a read-only transaction, an authorizer and the
// role do), but what keeps statements out that are about the session or the server instead of the
// data: COMMIT, SET, PREPARE TRANSACTION, COPY, CALL, DO, LISTEN, CREATE, ...
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "database/query.h"

namespace bellpull {

// The first word in lower case, behind blanks, comments and opening brackets; empty when there is
// none.
std::string first_word(std::string_view statement);

// What is wrong with the statement for a database that is writable or not; the limits of texts and
// parameters included.
std::optional<QueryFailure> fault_of(const BoundStatement& statement, bool writable);

}  // namespace bellpull
