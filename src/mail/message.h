// A checked mail as the bytes that travel: RFC 5322 and MIME, ASCII in lines that end in CRLF.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "mail/mail.h"

namespace bellpull {

// "<...@domain of the sender>", the same for the same key and sender.
std::string message_id(std::string_view key, const MailAddress& from);

// multipart/alternative: the text as it was written, and its HTML. Who gets a blind copy is not in
// it.
std::string compose(const CheckedMail& mail, std::string_view id, TimePoint now);

}  // namespace bellpull
