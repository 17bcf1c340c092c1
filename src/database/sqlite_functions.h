// SQL functions whose time is the product of two lengths, kept from taking minutes.
//
// Nothing is asked within one call of a function, neither the deadline nor whether the caller left:
// the library looks between its instructions only.
#pragma once

struct sqlite3;

namespace bellpull {

// instr(), replace(), trim() and others are the library's own still, but fail, with SQLITE_TOOBIG,
// for texts that would take them more than about half a second. The connection keeps it for its
// life.
void bound_functions(sqlite3* connection);

}  // namespace bellpull
