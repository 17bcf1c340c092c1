#include "action/notify.h"

#include <chrono>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "action/action.h"
#include "action/notify_message.h"
#include "action/webhook_signature.h"
#include "base/json.h"
#include "base/time.h"
#include "egress/allow_list.h"
#include "egress/http_client.h"
#include "egress/resolver.h"
#include "support/http_stand_in.h"
#include "support/run_task.h"

namespace bellpull {
namespace {

const TimePoint noon = *parse_iso("2026-01-02T12:03:04.5Z");

std::string body(NotifyFormat format, std::string_view text) {
  const auto made = notify_body(format, text, noon);
  return made ? *made : made.error().message;
}

TEST(NotifyMessageTest, SlackReadsTheTextAsTextOnly) {
  EXPECT_EQ(body(NotifyFormat::slack, "<!channel> a & b > *c*\nd"),
            R"({"text":"&lt;!channel&gt; a &amp; b &gt; *c*\nd"})");
}

TEST(NotifyMessageTest, DiscordCallsNobody) {
  EXPECT_EQ(body(NotifyFormat::discord, "@everyone <@1> **hi**"),
            R"({"content":"@everyone <@1> **hi**","allowed_mentions":{"parse":[]}})");
}

TEST(NotifyMessageTest, TeamsGetsACard) {
  const auto message = boost::json::parse(body(NotifyFormat::teams, "Tür offen"));
  EXPECT_EQ(message.at("type"), "message");
  const auto& attachment = message.at("attachments").at(0);
  EXPECT_EQ(attachment.at("contentType"), "application/vnd.microsoft.card.adaptive");
  EXPECT_EQ(attachment.at("content").at("type"), "AdaptiveCard");
  EXPECT_EQ(attachment.at("content").at("body").at(0).at("text"), "Tür offen");
}

TEST(NotifyMessageTest, AnybodyGetsTypeTimeAndData) {
  EXPECT_EQ(
      body(NotifyFormat::generic, "hi"),
      R"({"type":"notification","timestamp":"2026-01-02T12:03:04.500Z","data":{"text":"hi"}})");
}

TEST(NotifyMessageTest, ATextIsRefusedRatherThanCut) {
  std::string umlauts;
  for (int i = 0; i < 2000; ++i) umlauts += "ü";
  EXPECT_TRUE(notify_body(NotifyFormat::discord, umlauts, noon)) << "2,000 characters";
  EXPECT_EQ(body(NotifyFormat::discord, umlauts + "x"),
            "text is 2001 characters long, and discord takes 2000");
  EXPECT_EQ(body(NotifyFormat::slack, " \n"), "text is required");
}

TEST(NotifyMessageTest, AFormatIsKnownByItsHost) {
  EXPECT_EQ(notify_format_of("hooks.slack.com"), NotifyFormat::slack);
  EXPECT_EQ(notify_format_of("discord.com"), NotifyFormat::discord);
  EXPECT_EQ(notify_format_of("prod-1.westeurope.logic.azure.com"), NotifyFormat::teams);
  EXPECT_EQ(notify_format_of("hooks.slack.com.evil.example"), NotifyFormat::generic);
}

// As the reference library for Node signs it (standardwebhooks 1.1.1).
TEST(WebhookSignatureTest, ItIsThatOfStandardWebhooks) {
  const auto sign = [](std::string_view secret) {
    return webhook_signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", from_ms(1'614'265'330'999),
                             R"({"test": 2432232314})");
  };
  EXPECT_EQ(sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLASw"),
            "v1,hn6gPDuvthHWWsZDuMjgwyc63ajzh5ywzvy1quoqxtk=");
  EXPECT_NE(sign("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLASw").value(),
            sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLASw").value())
      << "without the prefix it is the key itself";
  EXPECT_EQ(sign("whsec_!").error().message,
            "secret begins with whsec_, but no base64 is behind it");
  EXPECT_FALSE(sign(""));
}

class NotifyTest : public testing::Test {
 protected:
  ActionOutcome notify(std::string_view input) {
    return run_task(context,
                    action.execute({.input = boost::json::parse(input).as_object(),
                                    .idempotency_key = "run-1-step-2",
                                    .deadline = clock.steady_now() + std::chrono::seconds{20}}));
  }

  boost::asio::io_context context{1};
  SystemClock clock;
  DnsResolver resolver{context.get_executor(), clock};
  HttpClient client{
      context.get_executor(), AllowList::parse({"127.0.0.1"}).value(), {resolver, resolver}, clock};
  NotifyAction action{client, clock};
};

TEST_F(NotifyTest, ATextIsPostedInItsFormat) {
  const HttpStandIn server([](const StandInRequest&) { return StandInReply{.body = "ok"}; });
  const auto outcome = notify(fmt::format(R"({{"url": "{}", "format": "slack", "text": "Hi"}})",
                                          server.url("/services/x")));
  EXPECT_FALSE(outcome.is_error) << outcome.result;
  EXPECT_EQ(boost::json::serialize(outcome.result), R"({"status":"success","httpStatus":200})");
  const auto seen = server.requests().at(0);
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/services/x");
  EXPECT_EQ(seen.header("content-type"), "application/json");
  EXPECT_EQ(seen.header("webhook-id"), "");
  EXPECT_EQ(seen.body, R"({"text":"Hi"})");
}

TEST_F(NotifyTest, AGenericWebhookIsSigned) {
  const HttpStandIn server([](const StandInRequest&) { return StandInReply{.status = 204}; });
  const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLASw";
  EXPECT_FALSE(
      notify(fmt::format(R"({{"url": "{}", "secret": "{}", "text": "Hi"}})", server.url(), secret))
          .is_error);
  const auto seen = server.requests().at(0);
  EXPECT_EQ(seen.header("webhook-id"), "run-1-step-2");
  const auto at = std::chrono::seconds{std::stoll(std::string(seen.header("webhook-timestamp")))};
  EXPECT_EQ(seen.header("webhook-signature"),
            webhook_signature(secret, "run-1-step-2", TimePoint{at}, seen.body));
}

TEST_F(NotifyTest, ARefusalIsToldInTheReceiversWords) {
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.status = 404, .body = "no_service"}; });
  const auto outcome =
      notify(fmt::format(R"({{"url": "{}", "format": "slack", "text": "Hi"}})", server.url()));
  EXPECT_TRUE(outcome.is_error);
  EXPECT_EQ(boost::json::serialize(outcome.result),
            R"({"error":"The webhook answered 404","reply":"no_service","httpStatus":404})");
}

TEST_F(NotifyTest, ARefusalOfAnyBytesIsText) {
  std::string said = "\xFF";
  while (said.size() < 4096) said += "\u00E9";  // the limit is within one
  const HttpStandIn server(
      [&](const StandInRequest&) { return StandInReply{.status = 400, .body = said}; });
  const auto outcome =
      notify(fmt::format(R"({{"url": "{}", "format": "slack", "text": "Hi"}})", server.url()));
  EXPECT_TRUE(parse_foreign(boost::json::serialize(outcome.result)));
  EXPECT_TRUE(outcome.result.at("reply").as_string().starts_with("\uFFFD\u00E9"));
}

TEST_F(NotifyTest, OneThatWasSentAndNotAnsweredMayHaveArrived) {
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.end = StandInEnd::drop}; });
  const auto outcome = notify(fmt::format(R"({{"url": "{}", "text": "Hi"}})", server.url()));
  EXPECT_TRUE(outcome.is_error);
  EXPECT_TRUE(outcome.outcome_unknown);
  EXPECT_EQ(outcome.result.at("error"), "outcome_unknown");
  EXPECT_EQ(server.requests().size(), 1U) << "it is not sent again";
  EXPECT_FALSE(notify(R"({"url": "http://127.0.0.1:1/", "text": "Hi"})").outcome_unknown);
}

TEST_F(NotifyTest, EveryProblemIsTold) {
  const auto outcome = notify(R"({"format": "telegram"})");
  EXPECT_TRUE(outcome.is_error);
  EXPECT_EQ(outcome.result.at("error"),
            "url is required; format must be one of generic, slack, discord, teams; text is "
            "required");
  EXPECT_EQ(notify(R"({"url": "https://hooks.slack.com/x", "secret": "s", "text": "Hi"})")
                .result.at("error"),
            "secret signs a generic webhook; slack has none");
}

}  // namespace
}  // namespace bellpull
