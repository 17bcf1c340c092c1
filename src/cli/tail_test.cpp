
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cli_fixture_test.h"

namespace bellpull::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto one_event = R"({"items":[{"id":"event_1","runId":"run_1","triggerId":"trigger_1",
  "source":"request","method":"POST","contentType":"application/json","bodySize":214,
  "session":"order_12345","conversationId":"conversation_1",
  "receivedAt":"2026-03-01T11:00:00.000Z","state":"running"}],"cursor":"e1"})";
constexpr auto steps = R"({"items":[
  {"number":1,"kind":"opened","attempt":1,"createdAt":"2026-03-01T11:00:00.100Z","data":{}},
  {"number":2,"kind":"model","attempt":1,"createdAt":"2026-03-01T11:00:01.464Z","data":
    {"model":"demo-1","text":"","durationMs":1340,"usage":{"input":1204,"output":88},
     "calls":[{"id":"c1","name":"check_inventory","arguments":"{}"},{"id":"c2","name":"send_email"}]}},
  {"number":3,"kind":"intent","attempt":1,"createdAt":"2026-03-01T11:00:01.466Z","data":
    {"call":"c1","name":"check_inventory","arguments":{"sku":"SKU-001"}}},
  {"number":4,"kind":"intent","attempt":1,"createdAt":"2026-03-01T11:00:01.468Z","data":
    {"call":"c2","name":"send_email","arguments":{}}},
  {"number":5,"kind":"result","attempt":1,"createdAt":"2026-03-01T11:00:01.846Z","data":
    {"intent":3,"result":{"in_stock":true},"isError":false,"durationMs":380}},
  {"number":6,"kind":"result","attempt":1,"createdAt":"2026-03-01T11:00:02.380Z","data":
    {"intent":4,"result":{"error":"http","message":"HTTP 503 \u001b[31mfrom mail"},"isError":true,
     "durationMs":912}},
  {"number":7,"kind":"model","attempt":1,"createdAt":"2026-03-01T11:00:04.203Z","data":
    {"model":"demo-1","text":"Order 12345 is reserved.","calls":[],"durationMs":0}}],
  "cursor":"s7"})";
constexpr auto ended = R"({"id":"run_1","state":"succeeded","startedAt":"2026-03-01T11:00:00.000Z",
  "endedAt":"2026-03-01T11:00:04.210Z","modelCalls":2,"actionCalls":2,"inputTokens":2900,
  "outputTokens":143,"attempt":1,"reason":null})";

class TailTest : public CliTest {
 protected:
  TailTest() {
    columns_ = 100;
    answers("GET /api/v1/event/inbox/list", one_event);
    answers("GET /api/v1/run/run_1/step/list", {{.body = steps}, {.body = R"({"items":[]})"}});
    answers("GET /api/v1/run/run_1/fetch", ended);
    answers(
        "GET /api/v1/conversation/list",
        R"({"items":[{"id":"conversation_1","meta":{"trigger":{"integrationId":"trigger_1"}}}]})");
  }
};

TEST_F(TailTest, OnATerminalShowsTheTimeline) {
  is_terminal_ = true;
  const Ran ran = run({"event", "tail", "--no-follow", "--no-color"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("Run 1  order_12345  event_1\n"));
  EXPECT_THAT(ran.out, HasSubstr("  +0.000   ▾ event  POST application/json 214 B\n"));
  EXPECT_THAT(ran.out, HasSubstr("  +0.124   * model  demo-1  1,204 in / 88 out  wants "
                                 "check_inventory, send_email"));
  EXPECT_THAT(ran.out, HasSubstr("  +1.466   ⚙ tool   check_inventory sku=\"SKU-001\" -> "
                                 "in_stock=true"));
  EXPECT_THAT(ran.out, HasSubstr("✗ tool   send_email failed: HTTP 503"));
  EXPECT_THAT(ran.out, HasSubstr("  +4.203   # bot    Order 12345 is reserved.\n"));
  EXPECT_THAT(ran.out, HasSubstr("✓ Succeeded in 4.21s · 2 model calls · 2 tools (1 failed) · "
                                 "3,043 tokens\n"));
  EXPECT_THAT(ran.out, Not(HasSubstr("\x1b"))) << "what a tool answered can't reach the terminal";
}

TEST_F(TailTest, InAPipeIsOneTabSeparatedLineARow) {
  const Ran ran = run({"event", "tail", "--no-follow"});
  EXPECT_THAT(ran.out, HasSubstr("2026-03-01T11:00:01.466Z\trun_1\ttool\tcheck_inventory "
                                 "sku=\"SKU-001\" -> in_stock=true\t380\n"));
  EXPECT_THAT(ran.out, HasSubstr("2026-03-01T11:00:04.210Z\trun_1\tsucceeded\t"));
}

TEST_F(TailTest, AsJsonIsTheApisOwnObjectsOneALine) {
  const Ran ran = run({"event", "tail", "--no-follow", "--json"});
  std::istringstream lines{ran.out};
  std::string line;
  std::string types;
  while (std::getline(lines, line)) {
    types += boost::json::parse(line).at("type").as_string().c_str()[0];
  }
  EXPECT_EQ(types, "esssssssr");
}

TEST_F(TailTest, WithoutFollowingStillWaitsForARunToEnd) {
  answers("GET /api/v1/run/run_1/fetch",
          {{.body = R"({"id":"run_1","state":"running"})"}, {.body = ended}});
  const Ran ran = run({"event", "tail", "--no-follow"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(requests_of("GET /api/v1/run/run_1/fetch").size(), 2U);
  EXPECT_THAT(ran.out, HasSubstr("\tsucceeded\t"));
}

TEST_F(TailTest, OfTheLatestConversationShowsItsRunsOnly) {
  answers("GET /api/v1/event/inbox/list",
          R"({"items":[{"id":"event_2","runId":"run_2","conversationId":"conversation_2"},
            {"id":"event_1","runId":"run_1","conversationId":"conversation_1",
             "receivedAt":"2026-03-01T11:00:00.000Z"}],"cursor":"e1"})");
  const Ran ran = run({"conversation", "tail", "--latest", "--no-follow", "-q"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "event_1\n");
  EXPECT_THAT(requests_of("GET /api/v1/event/inbox/list").front().target,
              HasSubstr("triggerId=trigger_1"));
}

TEST_F(TailTest, OfNoConversationSaysSo) {
  answers("GET /api/v1/conversation/list", R"({"items":[]})");
  EXPECT_EQ(run({"conv", "tail", "--no-follow"}).exit_code, 3);
}

TEST_F(TailTest, StepsOfARunAreTheSameTimeline) {
  is_terminal_ = true;
  answers("GET /api/v1/run/run_1/fetch", R"({"id":"run_1","eventId":"event_1","state":"running"})");
  answers(
      "GET /api/v1/event/inbox/event_1/fetch",
      R"({"id":"event_1","runId":"run_1","source":"invoke","receivedAt":"2026-03-01T11:00:00Z"})");
  const Ran ran = run({"run", "steps", "run_1", "--no-color"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("⚙ tool   check_inventory"));
}

TEST_F(TailTest, AnUnknownOutcomeNamesTheStepToResolve) {
  is_terminal_ = true;
  columns_ = 200;
  answers("GET /api/v1/run/run_1/step/list", {{.body = R"({"items":[
    {"id":"step_10002","number":2,"kind":"intent","attempt":1,"createdAt":"2026-03-01T11:00:01Z",
     "data":{"call":"c1","name":"pay","arguments":{}}},
    {"id":"step_10003","number":3,"kind":"result","attempt":1,"createdAt":"2026-03-01T11:00:02Z",
     "data":{"intent":2,"result":{"error":"outcome_unknown","message":"Nobody knows."},
     "isError":true,"outcomeUnknown":true,"durationMs":1}},
    {"id":"step_10004","number":4,"kind":"resolved","attempt":1,"createdAt":"2026-03-01T11:00:03Z",
     "data":{"of":3,"intent":2,"outcome":"done","note":"seen"}}],"cursor":"s"})"},
                                              {.body = R"({"items":[]})"}});
  answers("GET /api/v1/run/run_1/fetch",
          R"({"id":"run_1","state":"canceled","unknownOutcomes":1})");
  const Ran ran = run({"event", "tail", "--no-follow", "--no-color"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("pay has an unknown outcome (step_10003): Nobody knows."));
  EXPECT_THAT(ran.out, HasSubstr("resolved: pay took effect: seen"));
  EXPECT_THAT(ran.out, HasSubstr("1 unknown outcome"));
}

}  // namespace
}  // namespace bellpull::cli
