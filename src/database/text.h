// Texts of databases, which need not be UTF-8 whatever was asked for.
#pragma once

#include <string>
#include <string_view>

namespace bellpull {

// As it is, or with U+FFFD for each byte above ASCII when it is not UTF-8.
std::string valid_text(std::string_view text);

}  // namespace bellpull
