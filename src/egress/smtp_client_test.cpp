#include "egress/smtp_client.h"

#include <chrono>
#include <csignal>
#include <exception>
#include <filesystem>
#include <fstream>
#include <optional>
#include <signal.h>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/time.h"
#include "egress/resolver.h"
#include "egress/smtp_call.h"
#include "egress/smtp_conversation.h"
#include "egress/url.h"
#include "support/http_stand_in.h"
#include "support/run_task.h"
#include "support/smtp_sink.h"

namespace bellpull {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::seconds;

class SmtpClientTest : public testing::Test {
 protected:
  SmtpClientTest() { std::signal(SIGPIPE, SIG_IGN); }
  void TearDown() override { std::filesystem::remove(ca_file); }

  // The relay of a sink, whose certificate is trusted when it has one.
  SmtpRelay relay(const SmtpSink& sink, std::string_view scheme = "smtp") const {
    SmtpRelay made{.url = parse_relay_url(sink.url(scheme)).value()};
    std::ofstream(ca_file) << sink.certificate();
    if (!sink.certificate().empty()) made.ca_file = ca_file;
    return made;
  }
  SmtpCall call() const {
    return {.from = "bell@example.com",
            .recipients = {"ann@example.com", "bob@example.com"},
            .message = "Subject: hello\r\n\r\nWith care\r\n.\r\n..two\r\n",
            .deadline = clock.steady_now() + seconds{20}};
  }
  SmtpOutcome send(SmtpRelay to, SmtpCall mail) {
    SmtpClient client(context.get_executor(), std::move(to), resolver, clock);
    return run_task(context, client.send(std::move(mail)));
  }
  SmtpOutcome send(SmtpRelay to) { return send(std::move(to), call()); }

  asio::io_context context{1};
  SystemClock clock;
  DnsResolver resolver{context.get_executor(), clock};
  const std::string ca_file = std::filesystem::temp_directory_path() /
                              ("smtp_client_test_" + std::to_string(::getpid()) + ".pem");
};

std::string what(const SmtpOutcome& outcome) {
  std::string text(to_string(outcome.end));
  if (outcome.cause != SmtpCause::none) text += " " + std::string(to_string(outcome.cause));
  return text;
}

TEST_F(SmtpClientTest, AMailArrivesAsItIsWithTheRelaysLastWords) {
  SmtpSink sink;
  const SmtpOutcome outcome = send(relay(sink));
  EXPECT_EQ(what(outcome), "accepted") << outcome.text;
  EXPECT_EQ(outcome.text, "250 Queued as 42");
  sink.wait_for("closed");
  const auto mails = sink.mails();
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_EQ(mails[0].at("from"), "bell@example.com");
  EXPECT_EQ(mails[0].at("to"), (boost::json::array{"ann@example.com", "bob@example.com"}));
  EXPECT_EQ(from_base64(mails[0].at("raw").as_string()), call().message) << "dots included";
}

TEST_F(SmtpClientTest, ARefusedRecipientKeepsTheMailFromAll) {
  SmtpSink sink(R"({"recipients": {"bob@example.com": [550, "5.1.1 No such user"],
                                   "cyd@example.com": [452, "4.2.2 Full"]}})");
  SmtpCall mail = call();
  mail.recipients.emplace_back("cyd@example.com");
  const SmtpOutcome outcome = send(relay(sink), mail);
  EXPECT_EQ(what(outcome), "refused");
  ASSERT_EQ(outcome.refusals.size(), 2U);
  EXPECT_EQ(outcome.refusals[0].recipient, "bob@example.com");
  EXPECT_EQ(outcome.refusals[0].code, 550U);
  EXPECT_EQ(outcome.refusals[1].recipient, "cyd@example.com");
  EXPECT_NE(outcome.text.find("No such user; cyd@example.com: 452"), std::string::npos)
      << outcome.text;
  sink.wait_for("closed");
  EXPECT_TRUE(sink.mails().empty());
}

TEST_F(SmtpClientTest, WhatTheRelayPutsOffIsToldFromWhatItRefuses) {
  {
    const SmtpSink sink(R"({"recipients": {"bob@example.com": [450, "Greylisted"]}})");
    EXPECT_EQ(what(send(relay(sink))), "put_off");
  }
  {
    const SmtpSink sink(R"({"data": [[451, "Try later"]]})");
    const SmtpOutcome outcome = send(relay(sink));
    EXPECT_EQ(what(outcome), "put_off");
    EXPECT_NE(outcome.text.find("Try later"), std::string::npos);
  }
  {
    const SmtpSink sink(R"({"data": [[554, "Smells like spam"]]})");
    EXPECT_EQ(what(send(relay(sink))), "refused");
  }
  const SmtpSink sink(R"({"sender": [553, "Not your address"]})");
  const SmtpOutcome outcome = send(relay(sink));
  EXPECT_EQ(what(outcome), "refused");
  EXPECT_EQ(outcome.refusals.at(0).recipient, "");
}

TEST_F(SmtpClientTest, ARelayThatBreaksOffAfterTheMailLeavesItUnknown) {
  SmtpSink sink(R"({"data": ["cut"]})");
  const SmtpOutcome outcome = send(relay(sink));
  EXPECT_EQ(what(outcome), "unknown connection_lost") << outcome.text;
  EXPECT_EQ(sink.mails().size(), 1U) << "it had the mail indeed";
}

TEST_F(SmtpClientTest, ASlowAnswerHoldsUpNothingElse) {
  SmtpSink sink(R"({"data": ["hang"]})");
  SmtpCall mail = call();
  mail.deadline = clock.steady_now() + milliseconds{1500};
  SmtpClient client(context.get_executor(), relay(sink), resolver, clock);
  std::optional<SmtpOutcome> outcome;
  asio::co_spawn(context, client.send(mail),
                 [&](std::exception_ptr, SmtpOutcome value) { outcome = std::move(value); });
  while (!sink.has("mail")) context.run_one_for(milliseconds{1});
  for (int turn = 0; turn < 10; ++turn) {
    const auto begun = std::chrono::steady_clock::now();
    context.run_one_for(milliseconds{10});
    EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds{500});
  }
  EXPECT_FALSE(outcome) << "it still waits";
  while (!outcome) context.run_one();
  EXPECT_EQ(what(*outcome), "unknown timeout");
  sink.wait_for("closed");
}

TEST_F(SmtpClientTest, CancellingTheTaskClosesTheConnection) {
  SmtpSink sink(R"({"data": ["hang"]})");
  SmtpClient client(context.get_executor(), relay(sink), resolver, clock);
  asio::cancellation_signal cancel;
  std::optional<SmtpOutcome> outcome;
  asio::co_spawn(context, client.send(call()),
                 asio::bind_cancellation_slot(cancel.slot(),
                                              [&](std::exception_ptr failed, SmtpOutcome value) {
                                                if (!failed) outcome = std::move(value);
                                              }));
  while (!sink.has("mail")) context.run_one_for(milliseconds{1});
  cancel.emit(asio::cancellation_type::terminal);
  while (!outcome) context.run_one();
  EXPECT_EQ(what(*outcome), "unknown canceled");
  sink.wait_for("closed");
}

TEST_F(SmtpClientTest, StartTlsIsUsedWhenOfferedAndMissedWhenRequired) {
  {
    SmtpSink sink(R"({"tls": "starttls"})");
    EXPECT_EQ(what(send(relay(sink))), "accepted");
    sink.wait_for("mail");
    EXPECT_EQ(sink.mails().at(0).at("secure"), true);
    SmtpRelay stranger = relay(sink);
    stranger.ca_file.clear();
    EXPECT_EQ(what(send(stranger)), "not_reached tls") << "nobody vouches for it";
    stranger.start_tls = StartTls::never;
    EXPECT_EQ(what(send(stranger)), "accepted");
  }
  SmtpSink plain;
  SmtpRelay required = relay(plain);
  required.start_tls = StartTls::required;
  const SmtpOutcome outcome = send(required);
  EXPECT_EQ(what(outcome), "not_reached tls");
  EXPECT_EQ(outcome.text,
            "The mail relay 127.0.0.1 offers no STARTTLS, which mail.starttls requires");
  EXPECT_TRUE(plain.mails().empty());
}

TEST_F(SmtpClientTest, ARelayCanSpeakTlsFromItsFirstByte) {
  SmtpSink sink(R"({"tls": "implicit"})");
  EXPECT_EQ(what(send(relay(sink, "smtps"))), "accepted");
}

TEST_F(SmtpClientTest, ALoginWorksInBothOfItsForms) {
  for (const auto* method : {"PLAIN", "LOGIN"}) {
    SmtpSink sink(R"({"tls": "starttls", "login": {"user": "bell", "password": "p\u00e4ss word",
                      "methods": [")" +
                  std::string(method) + R"("]}})");
    SmtpRelay to = relay(sink);
    to.start_tls = StartTls::required;
    to.user = "bell";
    to.password = "päss word";
    const SmtpOutcome outcome = send(to);
    EXPECT_EQ(what(outcome), "accepted") << method << outcome.text;
    sink.wait_for("mail");
    EXPECT_EQ(sink.mails().at(0).at("user"), "bell");
  }
}

TEST_F(SmtpClientTest, AWrongPasswordIsToldButNeverShown) {
  SmtpSink sink(R"({"tls": "starttls", "login": {"user": "bell", "password": "right"}})");
  SmtpRelay to = relay(sink);
  to.user = "bell";
  to.password = "wrong-password";
  const SmtpOutcome outcome = send(to);
  EXPECT_EQ(what(outcome), "not_reached login");
  EXPECT_NE(outcome.text.find("535"), std::string::npos) << outcome.text;
  EXPECT_EQ(outcome.text.find("wrong-password"), std::string::npos) << outcome.text;
}

TEST_F(SmtpClientTest, ALoginThatIsNotOfferedIsNotLeftOut) {
  SmtpSink sink;
  SmtpRelay to = relay(sink);
  to.user = "bell";
  to.password = "right";
  EXPECT_EQ(what(send(to)), "not_reached login");
  EXPECT_TRUE(sink.mails().empty());
}

TEST_F(SmtpClientTest, WhyARelayIsNotReachedIsTold) {
  {
    const SmtpSink sink(R"({"greeting": [554, "Go away"]})");
    const SmtpOutcome outcome = send(relay(sink));
    EXPECT_EQ(what(outcome), "not_reached connection_lost");
    EXPECT_NE(outcome.text.find("Go away"), std::string::npos) << outcome.text;
  }
  EXPECT_EQ(what(send({.url = parse_relay_url("smtp://127.0.0.1:1").value()})),
            "not_reached connect");
  const HttpStandIn web([](const StandInRequest&) { return StandInReply{}; });
  SmtpCall hurried = call();
  hurried.deadline = clock.steady_now() + milliseconds{300};
  const auto silent = parse_relay_url("smtp://127.0.0.1:" + std::to_string(web.port())).value();
  EXPECT_EQ(what(send({.url = silent}, hurried)), "not_reached timeout") << "it greets nobody";
  EXPECT_TRUE(web.wait_for_closed(1));
}

TEST_F(SmtpClientTest, AnAddressIsNoCommand) {
  SmtpSink sink;
  for (const auto* address : {"a@b.c>\r\nRCPT TO:<eve@b.c", "a@b.c> SIZE=1", "", "ä@b.c"}) {
    SmtpCall mail = call();
    mail.recipients = {"ann@example.com", address};
    EXPECT_EQ(what(send(relay(sink), mail)), "not_reached bad_call") << address;
    mail = call();
    mail.from = address;
    EXPECT_EQ(what(send(relay(sink), mail)), "not_reached bad_call") << address;
  }
  EXPECT_FALSE(sink.has("connected"));
}

TEST_F(SmtpClientTest, ManyMailsTakeTheirTurns) {
  SmtpSink sink;
  SmtpClient client(context.get_executor(), relay(sink), resolver, clock);
  int accepted = 0;
  constexpr int mails = 40;
  for (int i = 0; i < mails; ++i) {
    asio::co_spawn(context, client.send(call()), [&](std::exception_ptr, SmtpOutcome outcome) {
      EXPECT_EQ(what(outcome), "accepted") << outcome.text;
      ++accepted;
    });
  }
  while (accepted < mails) context.run_one();
  sink.wait_for("mail", mails);
}

TEST(SmtpConversationTest, AMailCannotEndBeforeItsEnd) {
  EXPECT_EQ(dot_stuffed("a\r\n.\r\nb\r\n"), "a\r\n..\r\nb\r\n");
  EXPECT_EQ(dot_stuffed(".a"), "..a\r\n");
  EXPECT_EQ(dot_stuffed("a\n.\nb\r.\r\n"), "a\r\n..\r\nb\r\n..\r\n");
  EXPECT_EQ(dot_stuffed(""), "");
}

}  // namespace
}  // namespace bellpull
