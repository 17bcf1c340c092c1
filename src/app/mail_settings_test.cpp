#include "app/mail_settings.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "app/settings.h"
#include "base/result.h"
#include "egress/smtp_call.h"
#include "mail/mailer.h"

namespace bellpull {
namespace {

Result<std::optional<MailSettings>> read(std::vector<std::string> arguments,
                                         const Environment& environment = {}) {
  std::optional<int> exit_code;
  const auto settings = read_settings(arguments, environment, exit_code);
  if (!settings) return std::unexpected(settings.error());
  return mail_settings(*settings);
}

std::string problem(std::vector<std::string> arguments, const Environment& environment = {}) {
  const auto settings = read(std::move(arguments), environment);
  return settings ? "none" : settings.error().message;
}

TEST(MailSettingsTest, WithoutARelayThereIsNoMail) { EXPECT_EQ(read({})->has_value(), false); }

TEST(MailSettingsTest, ARelayNeedsASenderAndALoginBothOfItsHalves) {
  EXPECT_EQ(problem({"--mail-relay", "smtp://mail.example.com"}),
            "mail.from: is missing, and mail.relay is set");
  EXPECT_EQ(problem({"--mail-relay", "mail.example.com"}),
            "mail.relay: The URL must start with smtp:// or smtps://");
  EXPECT_EQ(problem({"--mail-relay", "smtp://m", "--mail-from", "bell"}),
            "mail.from: \"bell\" has no @");
  EXPECT_EQ(problem({"--mail-relay", "smtp://m", "--mail-from", "a@b.c", "--mail-user", "bell"}),
            "mail.password: is missing: a login needs both");
  EXPECT_NE(problem({"--mail-relay", "smtp://m", "--mail-from", "a@b.c", "--mail-ca-file", "/no"}),
            "none");
  EXPECT_NE(problem({"--mail-password", "secret"}), "none") << "a secret has no flag";
}

TEST(MailSettingsTest, ALoginNeedsTlsUnlessTheOperatorSaysOtherwise) {
  const std::vector<std::string> plain = {"--mail-relay", "smtp://m", "--mail-from", "B <a@b.c>"};
  EXPECT_EQ((*read(plain))->relay.start_tls, StartTls::when_offered);
  auto with_login = plain;
  with_login.insert(with_login.end(), {"--mail-user", "bell"});
  const Environment password = {{"BELLPULL_MAIL_PASSWORD", "secret"}};
  EXPECT_EQ((*read(with_login, password))->relay.start_tls, StartTls::required);
  with_login.insert(with_login.end(), {"--mail-starttls", "never"});
  EXPECT_EQ((*read(with_login, password))->relay.start_tls, StartTls::never);
  EXPECT_EQ((*read(with_login, password))->relay.password, "secret");
}

TEST(MailSettingsTest, DomainsAreInLowerCase) {
  const auto settings = read({"--mail-relay", "smtps://m", "--mail-from", "a@b.c", "--mail-domains",
                              "Example.com, .corp.example"});
  EXPECT_EQ((*settings)->rules.domains, (std::vector<std::string>{"example.com", ".corp.example"}));
  EXPECT_EQ(problem({"--mail-domains", "ann@example.com"}),
            "--mail-domains must be domains such as example.com or .example.com");
}

}  // namespace
}  // namespace bellpull
