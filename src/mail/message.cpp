#include "mail/message.h"

#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <openssl/evp.h>

#include "base/encoding.h"
#include "base/time.h"
#include "mail/mail.h"
#include "mail/mail_address.h"
#include "mail/mail_header.h"
#include "mail/mail_html.h"
#include "mail/quoted_printable.h"

namespace bellpull {

namespace {

std::string part(std::string_view type, std::string_view text) {
  return fmt::format(
      "Content-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}",
      type, to_quoted_printable(text));
}

}  // namespace

std::string message_id(std::string_view key, const MailAddress& from) {
  std::array<std::uint8_t, 32> digest{};
  if (EVP_Digest(key.data(), key.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 failed");
  }
  return fmt::format("<{}@{}>", to_hex(std::span(digest).first(20)), from.domain());
}

std::string compose(const CheckedMail& mail, std::string_view id, TimePoint now) {
  // "=_" occurs in no quoted-printable text.
  const std::string boundary = fmt::format("=_{}", id.substr(1, 40));
  std::string message = header_field("From", {mail.from});
  if (!mail.reply_to.empty()) message += header_field("Reply-To", mail.reply_to);
  if (!mail.to.empty()) message += header_field("To", mail.to);
  if (!mail.cc.empty()) message += header_field("Cc", mail.cc);
  if (mail.to.empty() && mail.cc.empty()) message += "To: undisclosed-recipients:;\r\n";
  message += header_field("Subject", mail.subject);
  message += fmt::format("Date: {}\r\nMessage-ID: {}\r\n", mail_date(now), id);
  // Keeps programs that answer while their owner is away from answering (RFC 3834).
  message += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  message +=
      fmt::format("Content-Type: multipart/alternative;\r\n boundary=\"{}\"\r\n\r\n", boundary);
  message += fmt::format("--{0}\r\n{1}\r\n--{0}\r\n{2}\r\n--{0}--\r\n", boundary,
                         part("text/plain", mail.text), part("text/html", mail_html(mail.text)));
  return message;
}

}  // namespace bellpull
