// All commands, and how words find one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/failure.h"

namespace bellpull::cli {

struct Group {
  std::string_view name;
  std::string_view purpose;
};

const std::vector<Group>& groups();
const std::vector<Command>& all_commands();
std::vector<const Command*> commands_of(std::string_view group);

// Words of a command line: what they mean, and what is left for the command to parse.
struct Selection {
  const Command* command = nullptr;  // none: help is wanted, of `group` or of everything
  std::string group;
  std::vector<std::string> rest;  // options before the command's words included
  bool wants_help = false;
};

// Plurals and `ls` are accepted. Fails with `usage` and the nearest command.
Outcome<Selection> select_command(const std::vector<std::string>& words);

}  // namespace bellpull::cli
