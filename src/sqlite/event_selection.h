// A selection of events as it is kept with a job: as JSON of our own.
#pragma once

#include <string>
#include <string_view>

#include "store/event_search.h"

namespace bellpull {

std::string to_text(const EventSelection& selection);
// What to_text() gave. Throws std::runtime_error for anything else: a filter that is half read
// would mean more events.
EventSelection parse_selection(std::string_view text);

}  // namespace bellpull
