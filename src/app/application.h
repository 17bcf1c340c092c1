// The composition root: everything the server is made of, built in dependency order and stopped in
// reverse. It should read as the diagram in docs/architecture.md.
#pragma once

#include <string>

#include "app/settings.h"
#include "base/log.h"
#include "base/result.h"

namespace bellpull {

// Serves until SIGTERM or SIGINT, then stops well and gives 0; a second signal ends the process at
// once. Fails with what keeps it from starting.
Result<int> serve(const Settings& settings, Log& log);

// `bellpull serve` with these arguments, from reading the settings to the exit code.
int run_serve(int argc, char** argv);

}  // namespace bellpull
