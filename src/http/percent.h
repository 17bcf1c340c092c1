// Percent-encoding.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bellpull {

enum class PlusSign : std::uint8_t { is_plus, is_space };

// Appends `text` decoded once to `out`. A '%' that two hex digits do not follow stays as it is;
// then the answer is false, for those who must refuse it.
bool percent_decode(std::string_view text, PlusSign plus, std::string& out);

}  // namespace bellpull
