// Help texts, made from the command table.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "cli/command.h"

namespace bellpull::cli {

std::string root_help();
std::string group_help(std::string_view group);
// Purpose, usage, three examples, then parameters and options: its own, or all.
enum class OptionsShown : std::uint8_t { all, own };
std::string command_help(const Command& command, OptionsShown shown = OptionsShown::all);
// What every command takes beside its own.
std::string global_options_help();
// "exit-codes", "environment", "formats"; nothing for another.
std::optional<std::string> topic_help(std::string_view topic);

// Writes docs/cli: one page a group, and the topics. Throws when a file can't be written.
void write_pages(const std::filesystem::path& folder);

}  // namespace bellpull::cli
