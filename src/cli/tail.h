// `event tail` and `conversation tail`: the timelines of runs as they happen.
#pragma once

#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/event_feed.h"
#include "cli/failure.h"

namespace bellpull::cli {

std::vector<Option> with_tail_options(std::vector<Option> own);

// Until Ctrl+C, or with --no-follow until the runs that are there have
// ended. A server that cannot be reached in between is tried again.
Outcome<ExitCode> tail(CommandContext& context, EventChoice choice);

}  // namespace bellpull::cli
