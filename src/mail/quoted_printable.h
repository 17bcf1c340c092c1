// Text as quoted-printable (RFC 2045, 6.7): ASCII in lines of at most 76 characters.
#pragma once

#include <string>
#include <string_view>

namespace bellpull {

// Line breaks of any kind become CRLF.
std::string to_quoted_printable(std::string_view text);

}  // namespace bellpull
