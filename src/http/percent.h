// Percent-encoding, strictly: a '%' that two hex digits do not follow is an error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bellpull {

enum class PlusSign : std::uint8_t { is_plus, is_space };

// Appends `text` decoded once to `out`; false, with `out` partly written, on a bad escape.
bool percent_decode(std::string_view text, PlusSign plus, std::string& out);

}  // namespace bellpull
