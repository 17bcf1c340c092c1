#include "mail/mailer.h"

#include <chrono>
#include <csignal>
#include <optional>
#include <signal.h>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/result.h"
#include "base/time.h"
#include "egress/resolver.h"
#include "egress/smtp_call.h"
#include "egress/url.h"
#include "mail/mail.h"
#include "support/run_task.h"
#include "support/smtp_sink.h"

namespace bellpull {
namespace {

class MailerTest : public testing::Test {
 protected:
  MailerTest() { std::signal(SIGPIPE, SIG_IGN); }

  static MailSettings settings(const SmtpSink& sink) {
    return {.relay = {.url = parse_relay_url(sink.url()).value()},
            .rules = {.from = {"Bell", "bell@example.com"}}};
  }
  Result<MailReceipt> send(std::optional<MailSettings> by, Mail mail) {
    Mailer mailer(context.get_executor(), std::move(by), resolver, clock);
    return run_task(context, mailer.send(std::move(mail), "run_1/call_1",
                                         clock.steady_now() + std::chrono::seconds{20}));
  }

  boost::asio::io_context context{1};
  SystemClock clock;
  DnsResolver resolver{context.get_executor(), clock};
};

Mail mail() {
  return {.to = {"Åse <ase@example.com>"},
          .bcc = {"bob@example.com"},
          .subject = "Grüße – 你好",
          .text = "# Tür\n\nEs klingelt.\n.\nEnde\n"};
}

TEST_F(MailerTest, AMailIsReadAsItWasMeant) {
  SmtpSink sink;
  const auto receipt = send(settings(sink), mail());
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->outcome.end, SmtpEnd::accepted) << receipt->outcome.text;
  sink.wait_for("mail");
  const auto received = sink.mails().at(0);
  EXPECT_EQ(received.at("to"), (boost::json::array{"ase@example.com", "bob@example.com"}));
  const auto parsed = parse_mail(received);
  EXPECT_EQ(parsed.at("subject"), "Grüße – 你好");
  EXPECT_EQ(parsed.at("messageId").as_string(), receipt->message_id);
  EXPECT_EQ(parsed.at("parts").at(0).at("text"), "# Tür\n\nEs klingelt.\n.\nEnde\n");
  EXPECT_NE(parsed.at("parts").at(1).at("text").as_string().find("<h1>Tür</h1>"),
            boost::json::string::npos);
  EXPECT_TRUE(parsed.at("defects").as_array().empty());
}

TEST_F(MailerTest, ASecondTryHasTheSameMessageId) {
  SmtpSink sink(R"({"data": [[451, "Later"], [250, "Queued"]]})");
  const auto first = send(settings(sink), mail());
  const auto second = send(settings(sink), mail());
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->outcome.end, SmtpEnd::put_off);
  EXPECT_EQ(second->outcome.end, SmtpEnd::accepted);
  EXPECT_EQ(first->message_id, second->message_id);
}

TEST_F(MailerTest, AnInjectionNeverReachesTheRelay) {
  SmtpSink sink;
  for (const std::string evil : {"x\r\nBcc: eve@example.com", "x\r\n\r\nbody", "x\n.\nQUIT"}) {
    Mail wrong = mail();
    wrong.subject = evil;
    EXPECT_FALSE(send(settings(sink), wrong));
    wrong = mail();
    wrong.to = {evil + " <ann@example.com>"};
    EXPECT_FALSE(send(settings(sink), wrong));
    wrong = mail();
    wrong.from_name = evil;
    EXPECT_FALSE(send(settings(sink), wrong));
  }
  EXPECT_FALSE(sink.has("connected"));
}

TEST_F(MailerTest, WithoutARelayTheErrorSaysWhatToSet) {
  const auto refused = send(std::nullopt, mail());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_EQ(refused.error().hint, "its operator declares one with mail.relay and mail.from");
}

}  // namespace
}  // namespace bellpull
