// The entry to the program's commands.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/surroundings.h"

namespace bellpull {

// Runs the command that the arguments name and gives the process's exit code. `serve` is not one of
// ours: it is called with the arguments from that word on, so that its argv[0] is "serve".
int run_command_line(int argc, char** argv, const std::function<int(int argc, char** argv)>& serve);

namespace cli {

// The same for any command but serve, in any surroundings.
int run_command(const std::vector<std::string>& words, Surroundings& surroundings);

}  // namespace cli

}  // namespace bellpull
