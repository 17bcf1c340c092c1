// One command of the tree: what it is called, what it takes and what it does. The same table makes
// the parser, `--help` and docs/cli.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/configuration.h"
#include "cli/failure.h"
#include "cli/output.h"
#include "cli/surroundings.h"

namespace bellpull::cli {

struct Example {
  std::string_view line;
  std::string_view purpose;
};

struct CommandContext;

struct Command {
  std::string_view group;  // "event"; empty for a command of one word
  std::string_view name;   // "send"
  std::string_view purpose;
  std::vector<Parameter> parameters;
  std::vector<Option> options;
  std::array<Example, 3> examples = {};
  Outcome<ExitCode> (*run)(CommandContext& context) = nullptr;
  std::string_view details;  // a paragraph after the options

  std::string full_name() const;
};

// What a command works with.
//
// Lifetime: of one command.
struct CommandContext {
  const Command& command;
  const Arguments& arguments;
  const Configuration& configuration;
  const Output& output;
  Surroundings& surroundings;
  Client& client;
};

// Options that every command takes, and those that every list takes.
const std::vector<Option>& global_options();
std::vector<Option> with_list_options(std::vector<Option> own);

}  // namespace bellpull::cli
