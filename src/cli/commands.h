// The commands, one file per group. command_table.h puts them together.
#pragma once

#include <vector>

#include "cli/command.h"

namespace bellpull::cli {

std::vector<Command> account_commands();
std::vector<Command> token_commands();
std::vector<Command> trigger_commands();
Command schedule_command();
std::vector<Command> bot_commands();
std::vector<Command> event_commands();
Command event_send_command();
std::vector<Command> conversation_commands();
std::vector<Command> run_commands();
std::vector<Command> approval_commands();
std::vector<Command> config_commands();
Command status_command();

}  // namespace bellpull::cli
