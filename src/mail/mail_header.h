// Header fields of a mail: folded, and ASCII whatever they say (RFC 5322, RFC 2047).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "mail/mail_address.h"

namespace bellpull {

// "Subject: text", its line end included. The text holds no control character.
std::string header_field(std::string_view name, std::string_view text);
std::string header_field(std::string_view name, const std::vector<MailAddress>& addresses);

// "Thu, 26 Nov 2026 13:25:42 +0000".
std::string mail_date(TimePoint time);

}  // namespace bellpull
