#include "app/mail_settings.h"

#include <expected>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include "app/settings.h"
#include "base/result.h"
#include "egress/smtp_call.h"
#include "egress/url.h"
#include "mail/mail_address.h"
#include "mail/mailer.h"

namespace bellpull {

namespace {

std::unexpected<Error> wrong(const std::string& setting, std::string what, std::string hint = {}) {
  return fail(ErrorCode::invalid, setting + ": " + std::move(what), std::move(hint));
}

Result<void> check_together(const Settings& settings) {
  if (settings.mail_from.empty()) {
    return wrong("mail.from", "is missing, and mail.relay is set",
                 "mail.from = \"Bellpull <bell@example.com>\"");
  }
  if (settings.mail_user.empty() != settings.mail_password.empty()) {
    return wrong(settings.mail_user.empty() ? "mail.user" : "mail.password",
                 "is missing: a login needs both",
                 "the password is BELLPULL_MAIL_PASSWORD, or mail.password in the file");
  }
  if (!settings.mail_ca_file.empty() && !std::ifstream(settings.mail_ca_file)) {
    return wrong("mail.ca_file", settings.mail_ca_file + " cannot be read");
  }
  return {};
}

StartTls start_tls(const Settings& settings) {
  const StartTls by_login =
      settings.mail_user.empty() ? StartTls::when_offered : StartTls::required;
  return settings.mail_starttls.value_or(by_login);
}

}  // namespace

Result<std::optional<MailSettings>> mail_settings(const Settings& settings) {
  if (settings.mail_relay.empty()) return std::nullopt;
  auto url = parse_relay_url(settings.mail_relay);
  if (!url) {
    return wrong("mail.relay", url.error().message, "write it as smtp://mail.example.com:587");
  }
  if (auto checked = check_together(settings); !checked) return std::unexpected(checked.error());
  auto from = parse_mail_address(settings.mail_from);
  if (!from) return wrong("mail.from", from.error().message, from.error().hint);
  return MailSettings{.relay = {.url = std::move(*url),
                                .start_tls = start_tls(settings),
                                .user = settings.mail_user,
                                .password = settings.mail_password,
                                .ca_file = settings.mail_ca_file},
                      .rules = {.from = std::move(*from),
                                .domains = settings.mail_domains,
                                .max_recipients = settings.mail_recipients},
                      .timeout = settings.mail_timeout};
}

}  // namespace bellpull
