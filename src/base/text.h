// Text that came from outside, as something that can be kept and shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bellpull {

// As it is when it is UTF-8; else with U+FFFD for each byte that belongs to no character.
std::string valid_text(std::string_view text);

// The longest beginning of at most `size` bytes that does not end within a character.
std::string_view cut_at_character(std::string_view text, std::size_t size);

// Without blanks and line ends around it.
std::string_view trim(std::string_view text);

// The letters of ASCII small; all else as it is.
std::string lower(std::string_view text);

}  // namespace bellpull
