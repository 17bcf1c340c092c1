#include "action/email.h"

#include <chrono>
#include <csignal>
#include <optional>
#include <signal.h>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "action/action.h"
#include "base/time.h"
#include "egress/resolver.h"
#include "egress/url.h"
#include "mail/mailer.h"
#include "support/run_task.h"
#include "support/smtp_sink.h"

namespace bellpull {
namespace {

class EmailTest : public testing::Test {
 protected:
  EmailTest() { std::signal(SIGPIPE, SIG_IGN); }

  ActionOutcome send(std::optional<MailSettings> by, std::string_view input) {
    Mailer mailer(context.get_executor(), std::move(by), resolver, clock);
    EmailAction action(mailer, clock);
    return run_task(context,
                    action.execute({.input = boost::json::parse(input).as_object(),
                                    .idempotency_key = "run-1-step-2",
                                    .deadline = clock.steady_now() + std::chrono::seconds{20}}));
  }
  ActionOutcome send(const SmtpSink& sink, std::string_view input = usual) {
    return send(MailSettings{.relay = {.url = parse_relay_url(sink.url()).value()},
                             .rules = {.from = {"Bell", "bell@example.com"}}},
                input);
  }

  static constexpr std::string_view usual =
      R"({"to": "\"Lee, Ann\" <ann@example.com>, bob@example.com", "subject": "Order 17 – später",
          "content": "It is *late*.", "replyTo": "desk@example.com", "fromName": "Shop"})";

  boost::asio::io_context context{1};
  SystemClock clock;
  DnsResolver resolver{context.get_executor(), clock};
};

TEST_F(EmailTest, AMailIsSentAndTheModelToldSo) {
  SmtpSink sink;
  const auto outcome = send(sink);
  EXPECT_FALSE(outcome.is_error) << outcome.result;
  EXPECT_EQ(outcome.result.at("status"), "success");
  EXPECT_EQ(outcome.result.at("reply"), "250 Queued as 42");
  sink.wait_for("mail");
  const auto parsed = parse_mail(sink.mails().at(0));
  EXPECT_EQ(parsed.at("messageId"), outcome.result.at("messageId"));
  EXPECT_EQ(parsed.at("subject"), "Order 17 – später");
  EXPECT_EQ(parsed.at("from").at(0).at(0), "Shop");
  EXPECT_EQ(parsed.at("to").at(0).at(0), "Lee, Ann");
  EXPECT_EQ(parsed.at("to").at(1).at(1), "bob@example.com");
  EXPECT_EQ(parsed.at("replyTo").at(0).at(1), "desk@example.com");
}

TEST_F(EmailTest, WhatWasPutOffIsTriedAgainAsTheSameMail) {
  SmtpSink sink(R"({"data": [[451, "Later"], [250, "Queued"]]})");
  const auto outcome = send(sink);
  EXPECT_FALSE(outcome.is_error) << outcome.result;
  sink.wait_for("mail", 2);
  EXPECT_EQ(parse_mail(sink.mails().at(0)).at("messageId"),
            parse_mail(sink.mails().at(1)).at("messageId"));
}

TEST_F(EmailTest, ARefusalNamesTheRecipientAndIsNotTriedAgain) {
  SmtpSink sink(R"({"recipients": {"bob@example.com": [550, "No such user"]}})");
  const auto outcome = send(sink);
  EXPECT_TRUE(outcome.is_error);
  EXPECT_EQ(outcome.result.at("outcome"), "refused");
  EXPECT_EQ(outcome.result.at("refusals").at(0).at("recipient"), "bob@example.com");
  EXPECT_EQ(outcome.result.at("refusals").at(0).at("code"), 550);
  EXPECT_EQ(outcome.result.at("sentTo"), boost::json::array{});
  EXPECT_FALSE(outcome.outcome_unknown);
  sink.wait_for("closed");
  EXPECT_TRUE(sink.mails().empty());
}

TEST_F(EmailTest, AMailThatMayHaveBeenSentIsNotSentAgain) {
  SmtpSink sink(R"({"data": ["cut", [250, "Queued"]]})");
  const auto outcome = send(sink);
  EXPECT_TRUE(outcome.is_error);
  EXPECT_EQ(outcome.result.at("outcome"), "unknown");
  EXPECT_TRUE(outcome.outcome_unknown) << "the run counts it";
  EXPECT_EQ(sink.mails().size(), 1U);
}

TEST_F(EmailTest, EveryProblemOfAMailIsToldToTheModel) {
  SmtpSink sink;
  const auto outcome =
      send(sink, R"({"to": ["ann", "bob@example.com"], "subject": "a\nBcc: eve@example.com"})");
  EXPECT_TRUE(outcome.is_error);
  EXPECT_EQ(outcome.result.at("error"),
            "to: \"ann\" has no @; subject holds a line break or a control character: write it in "
            "one line; content is missing");
  EXPECT_FALSE(sink.has("connected"));
}

TEST_F(EmailTest, WithoutARelayTheModelIsToldWhoCanHelp) {
  const auto outcome = send(std::nullopt, usual);
  EXPECT_TRUE(outcome.is_error);
  EXPECT_EQ(outcome.result.at("error"),
            "This server has no mail relay: its operator declares one with mail.relay and "
            "mail.from");
}

}  // namespace
}  // namespace bellpull
