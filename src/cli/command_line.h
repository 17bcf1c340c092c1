// The entry to the program's commands.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/surroundings.h"

namespace bellpull {

// A command that is no client of the API but works on a data directory itself; it is called with
// the arguments after its name. `help.cpp` knows their names too.
struct DirectoryCommand {
  std::string_view name;
  std::function<int(int argc, char** argv)> run;
};

// Runs the command that the arguments name and gives the process's exit code.
int run_command_line(int argc, char** argv, const std::vector<DirectoryCommand>& others);

namespace cli {

// The same for any command but serve, in any surroundings.
int run_command(const std::vector<std::string>& words, Surroundings& surroundings);

}  // namespace cli

}  // namespace bellpull
