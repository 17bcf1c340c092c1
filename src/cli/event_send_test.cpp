
#include <csignal>
#include <fstream>
#include <ios>
#include <set>
#include <string>

#include <boost/json/object.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cli_fixture_test.h"
#include "support/http_stand_in.h"

namespace bellpull::cli {
namespace {

using testing::HasSubstr;

constexpr auto endpoint = "POST /v1/integration/trigger/trigger_1/event";

class EventSend : public CliTest {
 protected:
  EventSend() {
    answers(
        "GET /api/v1/integration/trigger/list",
        R"({"items":[{"id":"trigger_1","name":"orders","secret":"s3cret","authenticate":true}]})");
    answers(endpoint, {accepted("event_1")});
  }

  static StandInReply accepted(const std::string& id) {
    return {.headers = {{"X-Event-Id", id}}, .body = R"({"ok":true})"};
  }
  void run_ends(const std::string& state) {
    answers("GET /api/v1/event/inbox/event_1/fetch",
            R"({"id":"event_1","state":")" + state + R"(","reason":"why"})");
  }
};

TEST_F(EventSend, GoesToTheEndpointWithTheTriggersSecret) {
  const Ran ran = run({"event", "send", "orders", "-d", R"({"order":1})", "--session", "a b",
                       "--contact-email", "jo@example.com", "--idempotency-key", "k1"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "event_1\n");
  const auto request = requests_of(endpoint).front();
  EXPECT_EQ(request.target,
            "/v1/integration/trigger/trigger_1/event?session=a%20b&contact.email=jo%40example.com");
  EXPECT_EQ(request.header("authorization"), "Bearer s3cret");
  EXPECT_EQ(request.header("content-type"), "application/json");
  EXPECT_EQ(request.header("idempotency-key"), "k1");
  EXPECT_EQ(request.body, R"({"order":1})");
}

TEST_F(EventSend, TakesItsBodyFromAFileOrStdinByteForByte) {
  const std::string bytes = "line one\r\nline two\n";
  std::ofstream{folder_ / "body.txt", std::ios::binary} << bytes;
  run({"event", "send", "orders", "-d", "@body.txt"});
  run({"event", "send", "orders", "-d", "-"}, bytes);
  const auto requests = requests_of(endpoint);
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].body, bytes);
  EXPECT_EQ(requests[1].body, bytes);
  EXPECT_EQ(requests[1].header("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(run({"event", "send", "orders", "-d", "@missing"}).exit_code, 2);
}

TEST_F(EventSend, IsRepeatedUnderOneKeyWhenTheServerIsBusy) {
  answers(endpoint,
          {{.status = 503, .body = "{}"}, {.end = StandInEnd::drop}, accepted("event_7")});
  EXPECT_EQ(run({"event", "send", "orders", "-q"}).out, "event_7\n");
  std::set<std::string> keys;
  for (const auto& request : requests_of(endpoint)) keys.emplace(request.header("idempotency-key"));
  EXPECT_EQ(requests_of(endpoint).size(), 3U);
  EXPECT_EQ(keys.size(), 1U);
}

TEST_F(EventSend, CountedHasAKeyForEachAndPrintsAllIds) {
  answers(endpoint, {accepted("event_1"), accepted("event_2"), accepted("event_3")});
  const Ran ran = run({"event", "send", "orders", "--count", "3", "--rate", "1000",
                       "--idempotency-key", "k", "-q"});
  EXPECT_EQ(ran.out, "event_1\nevent_2\nevent_3\n");
  EXPECT_EQ(requests_of(endpoint)[2].header("idempotency-key"), "k-3");
}

TEST_F(EventSend, AwaitedTellsByItsExitCodeHowTheRunEnded) {
  const auto code_when = [this](const std::string& state) {
    run_ends(state);
    return run({"event", "send", "orders", "--wait"}).exit_code;
  };
  EXPECT_EQ(code_when("succeeded"), 0);
  EXPECT_EQ(code_when("failed"), 8);
  EXPECT_EQ(code_when("incomplete"), 8);
  EXPECT_EQ(code_when("canceled"), 8);
  EXPECT_EQ(code_when("dead"), 8);
}

TEST_F(EventSend, AwaitedGivesTheEventAsItEnded) {
  run_ends("failed");
  const Ran ran = run({"event", "send", "orders", "--wait", "--json"});
  EXPECT_EQ(ran.json().at("state"), "failed");
  EXPECT_THAT(requests_of("GET /api/v1/event/inbox").front().target, HasSubstr("?wait=30"));
}

TEST_F(EventSend, AwaitedForTooLongTimesOut) {
  run_ends("running");
  const Ran ran = run({"event", "send", "orders", "--wait", "--timeout", "500ms"});
  EXPECT_EQ(ran.exit_code, 7);
  EXPECT_THAT(ran.err, HasSubstr("has not ended in time; it is running"));
}

TEST_F(EventSend, NeedsATokenThatSeesTheSecret) {
  answers("GET /api/v1/integration/trigger/list",
          R"({"items":[{"id":"trigger_1","name":"orders","secret":null,"authenticate":true}]})");
  const Ran ran = run({"event", "send", "orders"});
  EXPECT_EQ(ran.exit_code, 4);
  EXPECT_TRUE(requests_of(endpoint).empty());
}

TEST_F(EventSend, InterruptedSaysWhatWasDone) {
  answers(endpoint, {accepted("event_1"), {.end = StandInEnd::hang}});
  int sent = 0;
  on_request_ = [&sent](const StandInRequest& request) {
    if (request.method == "POST" && ++sent == 2) std::raise(SIGINT);
  };
  const Ran ran = run({"event", "send", "orders", "--count", "5", "-q"});
  EXPECT_EQ(ran.exit_code, 130);
  EXPECT_EQ(ran.out, "event_1\n");
  EXPECT_THAT(ran.err, HasSubstr("1 of 5 events were sent."));
}

TEST_F(EventSend, ABodyMayLookLikeAFlag) {
  EXPECT_EQ(run({"event", "send", "orders", "--body=-h"}).exit_code, 0);
  EXPECT_EQ(requests_of(endpoint).front().body, "-h");
}

TEST_F(EventSend, ThatIsRefusedSaysWhy) {
  answers(endpoint, R"({"message":"contact.email must be an e-mail address","code":"BAD_REQUEST"})",
          400);
  const Ran ran = run({"event", "send", "orders", "--contact-email", "jo"});
  EXPECT_EQ(ran.exit_code, 6);
  EXPECT_THAT(ran.err, HasSubstr("error: contact.email must be an e-mail address"));
}

}  // namespace
}  // namespace bellpull::cli
