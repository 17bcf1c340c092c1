// The known name that a misspelt one most likely means, for "did you mean ...?".
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace bellpull {

// Letter case does not count. Nothing when no candidate is close enough to be a fair guess: one
// edit for up to 3 letters, two for up to 7, three for more.
std::optional<std::string_view> nearest_name(std::string_view text,
                                             std::span<const std::string_view> candidates);

}  // namespace bellpull
