// What a command on the data directory says when it fails.
#pragma once

#include "base/result.h"

namespace bellpull {

// Prints the error, and what to try; gives the exit code.
int report(const Error& error);

}  // namespace bellpull
