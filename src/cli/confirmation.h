// Asking before something is gone for good (dashboard-and-cli.md 5.4).
#pragma once

#include <string_view>

#include <boost/json/object.hpp>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/failure.h"

namespace bellpull::cli {

// What a command that asks takes, for where nobody can answer.
inline constexpr Option yes_option{"--yes", "", "do it without asking"};

// Asks a person at a terminal to type the name of `item`, the resource that is to go. Fails with
// `refused` when the answer is another, and where there is no terminal, unless --yes was given.
Outcome<void> confirm_removal(const CommandContext& context, std::string_view noun,
                              const boost::json::object& item);

}  // namespace bellpull::cli
