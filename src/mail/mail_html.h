// Markdown (CommonMark) as the HTML of a mail.
#pragma once

#include <string>
#include <string_view>

namespace bellpull {

// Raw HTML is left out, dangerous links lead nowhere, and a picture becomes a link to it, so that
// reading the mail loads nothing.
std::string mail_html(std::string_view markdown);

}  // namespace bellpull
