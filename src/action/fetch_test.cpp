#include "action/fetch.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "action/action.h"
#include "base/random.h"
#include "base/time.h"
#include "egress/allow_list.h"
#include "egress/http_client.h"
#include "egress/redaction.h"
#include "egress/resolver.h"
#include "support/http_stand_in.h"
#include "support/run_task.h"

namespace bellpull {
namespace {

class FetchTest : public testing::Test {
 protected:
  ActionRequest request(std::string input) const {
    boost::json::object fields;
    if (!input.empty()) fields["request"] = input;
    return {.input = std::move(fields),
            .idempotency_key = "run-1-step-2",
            .deadline = clock.steady_now() + std::chrono::seconds{20}};
  }
  ActionOutcome fetch(ActionRequest wanted) {
    return run_task(context, action.execute(std::move(wanted)));
  }
  ActionOutcome fetch(std::string input) { return fetch(request(std::move(input))); }
  static std::string text(const ActionOutcome& outcome) {
    return boost::json::serialize(outcome.result);
  }

  boost::asio::io_context context{1};
  SystemClock clock;
  SeededRandom random{1};
  DnsResolver resolver{context.get_executor(), clock};
  HttpClient client{
      context.get_executor(), AllowList::parse({"127.0.0.1"}).value(), {resolver, resolver}, clock};
  FetchAction action{client, clock, random};
};

TEST_F(FetchTest, AJsonAnswerIsGivenAsJson) {
  const HttpStandIn server([](const StandInRequest&) {
    return StandInReply{
        .headers = {{"Content-Type", "application/problem+json"}, {"X-Internal", "1"}},
        .body = R"({"total": 39})"};
  });
  const auto outcome = fetch(server.url("/orders/17"));
  EXPECT_FALSE(outcome.is_error);
  EXPECT_EQ(
      text(outcome),
      R"({"status":200,"headers":{"content-type":"application/problem+json"},"body":{"total":39}})");
  EXPECT_EQ(server.requests().at(0).method, "GET");
  EXPECT_EQ(server.requests().at(0).header("idempotency-key"), "") << "a safe method needs none";
}

class FetchExtractionTest : public FetchTest {
 protected:
  // What `field` makes of a JSON reply.
  ActionOutcome extract(std::string_view field, std::string_view expression, std::string body,
                        unsigned status = 200) {
    const HttpStandIn server(
        [&](const StandInRequest&) { return StandInReply{.status = status, .body = body}; });
    ActionRequest wanted = request(server.url());
    wanted.input[field] = expression;
    return fetch(std::move(wanted));
  }

  std::string orders = R"({"items": [{"id": 1, "total": 5}, {"id": 2, "total": 50}]})";
};

TEST_F(FetchExtractionTest, AnExpressionGivesItsPartOfTheBody) {
  EXPECT_EQ(text(extract("jmespath", "items[?total > `10`].{order: id}", orders)),
            R"({"status":200,"body":[{"order":2}]})");
  EXPECT_EQ(text(extract("jsonpath", "$.items[?@.total > 10].id", orders)),
            R"({"status":200,"body":[2]})");
  EXPECT_EQ(text(extract("jsonpath", "$.items[1].id", orders)), R"({"status":200,"body":2})");
}

TEST_F(FetchExtractionTest, NothingIsAResultUnlessAPathNamesOneValue) {
  EXPECT_EQ(text(extract("jmespath", "none.at.all", orders)), R"({"status":200,"body":null})");
  EXPECT_EQ(text(extract("jsonpath", "$.none[*]", orders)), R"({"status":200,"body":[]})");
  const auto missing = extract("jsonpath", "$.none", orders);
  EXPECT_TRUE(missing.is_error);
  EXPECT_EQ(missing.result.at("error"), "The body has nothing at $.none");
}

TEST_F(FetchExtractionTest, WhatCannotBeExtractedSaysWhyAndShowsTheBody) {
  const auto wrong = extract("jmespath", "sum(items)", orders);
  EXPECT_TRUE(wrong.is_error);
  EXPECT_EQ(wrong.result.at("error"),
            "jmespath: sum() needs a list of numbers as argument 1, and got a list");
  EXPECT_TRUE(wrong.result.at("body").is_object());
  const auto no_json = extract("jmespath", "a", "<html>");
  EXPECT_TRUE(no_json.is_error);
  EXPECT_EQ(no_json.result.at("error"), "The body is no JSON that can be read whole");
  EXPECT_EQ(no_json.result.at("body"), "<html>");
}

TEST_F(FetchExtractionTest, ASecretIsHiddenBeforeAnythingIsMadeOfIt) {
  const HttpStandIn server([](const StandInRequest&) {
    return StandInReply{.headers = {{"Content-Type", "application/json"}},
                        .body = R"({"said":"my-secret","pin":12345678})"};
  });
  const Redactor redactor({"my-secret", "12345678"});
  ActionRequest wanted = request(server.url());
  wanted.input["jmespath"] = "[reverse(said), pin]";
  wanted.redact = &redactor;
  EXPECT_EQ(boost::json::serialize(fetch(std::move(wanted)).result.at("body")),
            R"(["]detcader[","[redacted]"])");
}

TEST_F(FetchExtractionTest, AJsonTextIsJson) {
  EXPECT_EQ(text(extract("jmespath", "length(@)", R"("abc")")), R"({"status":200,"body":3})");
}

TEST_F(FetchExtractionTest, AFailureIsShownWhole) {
  const auto outcome = extract("jmespath", "items", R"({"error": "no"})", 404);
  EXPECT_TRUE(outcome.is_error);
  EXPECT_EQ(outcome.result.at("body"), (boost::json::value{{"error", "no"}}));
}

TEST_F(FetchExtractionTest, EveryMistakeIsToldBeforeAnythingLeaves) {
  ActionRequest wanted = request("http://127.0.0.1:1/");
  wanted.input["jmespath"] = "items[";
  wanted.input["jsonpath"] = "items";
  wanted.input["format"] = "xml";
  EXPECT_EQ(
      fetch(wanted).result.at("error"),
      "format must be json or text; jmespath: a number, \"*\", \":\" or \"?\" is expected at the "
      "end; jsonpath: must begin with $; write it like $.data[*].id");
  wanted.input["jmespath"] = "items";
  wanted.input["jsonpath"] = "$.items";
  wanted.input["format"] = "text";
  EXPECT_EQ(fetch(wanted).result.at("error"),
            "jmespath and jsonpath are both given; give one; format text has no parts for "
            "jmespath or jsonpath; leave it out");
}

TEST_F(FetchTest, AnAnswerThatIsNestedTooDeepIsGivenAsText) {
  const std::string deep = std::string(25, '[') + std::string(25, ']');
  const HttpStandIn server([&](const StandInRequest&) {
    return StandInReply{.headers = {{"Content-Type", "application/json"}}, .body = deep};
  });
  const auto outcome = fetch(server.url("/"));
  EXPECT_FALSE(outcome.is_error);
  EXPECT_EQ(outcome.result.at("body"), boost::json::value(deep));
}

TEST_F(FetchTest, AnHttpMessageIsSentWithItsIdempotencyKey) {
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.status = 201, .body = "made"}; });
  const auto outcome = fetch("post " + server.url("/tickets?x=1") +
                             " HTTP/1.1\r\nX-Empty:  \r\nX-One: 1\r\nHost: evil.example\r\n"
                             "Content-Length: 3\r\n\r\n{\"title\": \"a\"}");
  EXPECT_EQ(text(outcome), R"({"status":201,"body":"made"})");
  const auto seen = server.requests().at(0);
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/tickets?x=1");
  EXPECT_EQ(seen.body, "{\"title\": \"a\"}");
  EXPECT_EQ(seen.header("x-one"), "1");
  EXPECT_EQ(seen.header("content-type"), "application/json");
  EXPECT_EQ(seen.header("idempotency-key"), "run-1-step-2");
  for (const auto& [name, value] : seen.headers) EXPECT_NE(name, "X-Empty");
}

TEST_F(FetchTest, TheInstructionsOwnIdempotencyKeyWins) {
  const HttpStandIn server([](const StandInRequest&) { return StandInReply{}; });
  fetch("PUT " + server.url() + "\nidempotency-key: mine\n\nx");
  EXPECT_EQ(server.requests().at(0).header("idempotency-key"), "mine");
}

TEST_F(FetchTest, AStatusOfFailureIsAnErrorWithItsBody) {
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.status = 404, .body = "no such"}; });
  const auto outcome = fetch(server.url());
  EXPECT_TRUE(outcome.is_error);
  EXPECT_EQ(text(outcome),
            R"({"status":404,"error":"The server answered with status 404","body":"no such"})");
}

TEST_F(FetchTest, OnlyIdempotentRequestsAreRepeated) {
  const HttpStandIn server([](const StandInRequest&) {
    return StandInReply{.status = 503, .headers = {{"Retry-After", "0"}}};
  });
  EXPECT_TRUE(fetch(server.url()).is_error);
  EXPECT_EQ(server.requests().size(), 3U);
  EXPECT_TRUE(fetch("POST " + server.url()).is_error);
  EXPECT_EQ(server.requests().size(), 4U);
}

TEST_F(FetchTest, ARepetitionCanSucceed) {
  std::size_t count = 0;
  const HttpStandIn server([&](const StandInRequest&) {
    if (++count == 1) return StandInReply{.end = StandInEnd::drop};
    return StandInReply{.body = "at last"};
  });
  EXPECT_EQ(text(fetch("DELETE " + server.url())), R"({"status":200,"body":"at last"})");
  const auto seen = server.requests();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].header("idempotency-key"), seen[1].header("idempotency-key"));
}

TEST_F(FetchTest, ARetryAfterBeyondTheTimeIsNotWaitedFor) {
  const HttpStandIn server([](const StandInRequest&) {
    return StandInReply{.status = 429, .headers = {{"Retry-After", "60"}}};
  });
  const auto outcome = fetch(server.url());
  EXPECT_EQ(text(outcome).find(R"("retry-after":"60")") == std::string::npos, false)
      << text(outcome);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(FetchTest, TheDeadlineIsKept) {
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.end = StandInEnd::hang}; });
  ActionRequest late = request(server.url());
  late.deadline = clock.steady_now() + std::chrono::milliseconds{60};
  EXPECT_NE(text(fetch(late)).find(R"("cause":"timeout")"), std::string::npos);
}

TEST_F(FetchTest, ALongAnswerIsCutWithAMark) {
  const HttpStandIn server([](const StandInRequest&) {
    // The cut falls into the middle of a two-byte character.
    std::string body = "x";
    for (std::size_t i = 0; i < 300'000; ++i) body += "\xC3\xA9";
    return StandInReply{.headers = {{"Content-Type", "application/json"}}, .body = body};
  });
  const auto outcome = fetch(server.url());
  EXPECT_FALSE(outcome.is_error);
  const auto& result = outcome.result.as_object();
  EXPECT_TRUE(result.at("truncated").as_bool());
  EXPECT_TRUE(std::string_view(result.at("body").as_string())
                  .ends_with("\n[truncated after 524287 bytes]"));
}

TEST_F(FetchTest, BinaryAnswersAreErrorsAndLatin1IsText) {
  std::string type = "image/png";
  const HttpStandIn server([&](const StandInRequest&) {
    return StandInReply{.headers = {{"Content-Type", type}}, .body = "\x89PNG\xE9"};
  });
  EXPECT_NE(text(fetch(server.url())).find("binary data"), std::string::npos);
  type = "text/html; charset=ISO-8859-1";
  EXPECT_NE(text(fetch(server.url())).find("PNG\xC3\xA9"), std::string::npos);
}

TEST_F(FetchTest, TheGuardIsAlwaysInTheWay) {
  const auto outcome = fetch("http://169.254.169.254/latest/meta-data/");
  EXPECT_TRUE(outcome.is_error);
  EXPECT_NE(text(outcome).find(R"("cause":"refused_by_guard")"), std::string::npos)
      << text(outcome);
}

TEST_F(FetchTest, WhatIsNoRequestIsExplained) {
  for (const auto* input :
       {"", "hello", "FROB http://x.example/", "method: POST\nurl: http://x.example/",
        "GET http://x.example/\nno colon here"}) {
    const auto outcome = fetch(input);
    EXPECT_TRUE(outcome.is_error) << input;
    EXPECT_TRUE(outcome.result.as_object().contains("error"));
  }
}

TEST_F(FetchTest, APostWhoseReplyNeverComesHasAnUnknownOutcome) {
  for (const StandInEnd end : {StandInEnd::drop, StandInEnd::break_off, StandInEnd::hang}) {
    const HttpStandIn server(
        [end](const StandInRequest&) { return StandInReply{.body = "made", .end = end}; });
    ActionRequest wanted = request("POST " + server.url() + "\n\nx");
    wanted.deadline = clock.steady_now() + std::chrono::seconds{1};
    const auto outcome = fetch(std::move(wanted));
    EXPECT_TRUE(outcome.is_error);
    EXPECT_TRUE(outcome.outcome_unknown);
    EXPECT_EQ(outcome.result.at("error"), "outcome_unknown");
    EXPECT_EQ(outcome.result.at("cause"), end == StandInEnd::hang ? "timeout" : "connection_lost");
    EXPECT_EQ(server.requests().size(), 1U) << "it is not sent again";
  }
}

TEST_F(FetchTest, AfterARedirectTheFirstRequestHasArrived) {
  std::string nobody;  // an address that nobody listens at any more
  {
    const HttpStandIn gone([](const StandInRequest&) { return StandInReply{}; });
    nobody = gone.url();
  }
  for (const std::string& next : {nobody, std::string{"http://10.0.0.1/"}}) {
    const HttpStandIn server([&](const StandInRequest&) {
      return StandInReply{.status = 303, .headers = {{"Location", next}}};
    });
    const auto outcome = fetch("POST " + server.url() + "\n\nx");
    EXPECT_TRUE(outcome.outcome_unknown) << next << text(outcome);
  }
}

TEST_F(FetchTest, WhatWasNeverSentOrMayBeSentAgainHasAKnownOutcome) {
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.end = StandInEnd::drop}; });
  for (const std::string& input :
       {std::string{"POST http://127.0.0.1:1/\n\nx"}, "PUT " + server.url() + "\n\nx",
        "GET " + server.url(), std::string{"POST http://10.0.0.1/\n\nx"}}) {
    const auto outcome = fetch(input);
    EXPECT_TRUE(outcome.is_error) << input;
    EXPECT_FALSE(outcome.outcome_unknown) << input;
  }
}

TEST_F(FetchTest, IdempotenceFollowsTheMethod) {
  for (const auto* method : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}) {
    EXPECT_TRUE(action.is_idempotent(request(std::string(method) + " http://x.example/")))
        << method;
  }
  EXPECT_FALSE(action.is_idempotent(request("POST http://x.example/")));
  EXPECT_FALSE(action.is_idempotent(request("patch http://x.example/")));
  EXPECT_TRUE(action.is_idempotent(request("http://x.example/")));
}

}  // namespace
}  // namespace bellpull
