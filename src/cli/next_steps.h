// What to type next when the server has refused a call without saying so: it can't know how the
// command line calls things.
#pragma once

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/failure.h"

namespace bellpull::cli {

// Adds the options that hold what was refused, else where to look. Leaves alone what the server did
// not refuse, and what has a next step.
void add_next_steps(Failure& failure, const Command& command, const Arguments& arguments);

}  // namespace bellpull::cli
