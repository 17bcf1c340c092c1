// The known word that a misspelt one most likely means, for "did you mean ...?".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bellpull::cli {

// Letter case does not count, and two letters in the wrong order are one edit. Nothing when no
// candidate is a fair guess: one edit for up to 3 letters, two for up to 7, three for more.
std::optional<std::string> nearest_word(std::string_view word,
                                        std::span<const std::string> candidates);

}  // namespace bellpull::cli
