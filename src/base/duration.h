// Durations as people write them: "250ms", "30s", "5m", "2h", "7d"; with a word for the unit, too:
// "30 minutes".
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace bellpull {

// A whole number, at most 1,000,000,000 of its unit. Nothing for anything else: a bare number is
// refused, so that nobody has to guess its unit.
std::optional<Duration> parse_duration(std::string_view text);

}  // namespace bellpull
