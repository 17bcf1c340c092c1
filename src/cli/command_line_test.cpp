
#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cli_fixture_test.h"
#include "support/http_stand_in.h"

namespace bellpull::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr auto two_bots = R"({"items":[
  {"id":"bot_2","alias":"orders","name":"Order desk","model":"builtin/demo","updatedAt":"2026-03-01T11:00:00.000Z"},
  {"id":"bot_1","alias":null,"name":"Report\tdaily","model":null,"updatedAt":"2026-02-01T11:00:00.000Z"}],
  "cursor":"c1"})";

class Lists : public CliTest {
 protected:
  Lists() { answers("GET /api/v1/bot/list", two_bots); }
};

TEST_F(Lists, InAPipeAreTabSeparatedWithoutAHeader) {
  const Ran ran = run({"bot", "list"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out,
            "bot_2\torders\tOrder desk\tbuiltin/demo\t2026-03-01T11:00:00.000Z\n"
            "bot_1\t\tReport\\tdaily\t\t2026-02-01T11:00:00.000Z\n");
  EXPECT_EQ(ran.err, "");
}

TEST_F(Lists, OnATerminalAreATableWithRelativeTimes) {
  is_terminal_ = true;
  environment_["NO_COLOR"] = "1";
  const Ran ran = run({"bots", "ls"});
  EXPECT_THAT(ran.out, StartsWith("id     alias   name"));
  EXPECT_THAT(ran.out, HasSubstr("1 h ago"));
  EXPECT_THAT(ran.out, Not(HasSubstr("\x1b"))) << "NO_COLOR is set";
}

TEST_F(Lists, AsJsonAreWhatTheApiGave) {
  EXPECT_EQ(run({"bot", "list", "--json"}).json(), boost::json::parse(two_bots).as_object());
}

TEST_F(Lists, ThatAreEmptyAreNoFailure) {
  answers("GET /api/v1/bot/list", R"({"items":[]})");
  const Ran json = run({"--json", "bot", "list"});
  EXPECT_EQ(json.exit_code, 0);
  EXPECT_EQ(json.out, "{\"items\":[]}\n");
  EXPECT_EQ(run({"bot", "list"}).out, "");
}

TEST_F(Lists, GiveChosenFieldsAndIdsOnly) {
  EXPECT_EQ(run({"bot", "list", "--fields", "name,model"}).out,
            "Order desk\tbuiltin/demo\nReport\\tdaily\t\n");
  EXPECT_EQ(run({"bot", "list", "--jsonl", "--fields", "id"}).out,
            "{\"id\":\"bot_2\"}\n{\"id\":\"bot_1\"}\n");
  EXPECT_EQ(run({"bot", "list", "-q"}).out, "bot_2\nbot_1\n");
  EXPECT_EQ(run({"bot", "list", "-q", "--json"}).exit_code, 2);
}

TEST_F(Lists, GoOnPageByPageUntilTheLimit) {
  const auto page = [](int first, int count) {
    boost::json::array items;
    for (int i = 0; i < count; ++i) {
      items.push_back(boost::json::object{{"id", "bot_" + std::to_string(first + i)}});
    }
    return StandInReply{.body = boost::json::serialize(boost::json::object{
                            {"items", items}, {"cursor", "c" + std::to_string(first)}})};
  };
  answers("GET /api/v1/bot/list", {page(1, 100), page(101, 100), page(201, 7)});
  const Ran ran = run({"bot", "list", "--all", "-q"});
  EXPECT_EQ(std::ranges::count(ran.out, '\n'), 207);
  const auto requests = requests_of("GET /api/v1/bot/list");
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_THAT(requests[0].target, Not(HasSubstr("cursor")));
  EXPECT_THAT(requests[2].target, HasSubstr("cursor=c101"));

  answers("GET /api/v1/bot/list", {page(1, 3)});
  run({"bot", "list", "--limit", "3"});
  EXPECT_THAT(requests_of("GET /api/v1/bot/list").back().target, HasSubstr("take=3"));
}

class Names : public CliTest {
 protected:
  Names() { answers("GET /api/v1/bot/list", two_bots); }
};

TEST_F(Names, AnAliasIsAskedForDirectly) {
  answers("GET /api/v1/bot/%40orders/fetch", R"({"id":"bot_2","name":"Order desk"})");
  EXPECT_EQ(run({"bot", "get", "@orders", "-q"}).out, "bot_2\n");
  EXPECT_TRUE(requests_of("GET /api/v1/bot/list").empty());
}

TEST_F(Names, ANameAndAPartOfAnIdAreLookedForInTheList) {
  EXPECT_EQ(run({"bot", "get", "Order desk", "-q"}).out, "bot_2\n");
  EXPECT_EQ(run({"bot", "get", "orders", "-q"}).out, "bot_2\n") << "an alias without its @";
  EXPECT_EQ(run({"bot", "get", "bot_1…", "-q"}).out, "bot_1\n") << "copied from a table";
}

TEST_F(Names, AMisspeltOneIsToldTheNearest) {
  const Ran ran = run({"bot", "get", "Order dsk"});
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_EQ(ran.err,
            "error: bot \"Order dsk\" not found. Did you mean \"Order desk\" (bot_2, @orders)?\n");
}

TEST_F(Names, ThatSeveralHaveListTheCandidates) {
  answers("GET /api/v1/bot/list",
          R"({"items":[{"id":"bot_1","name":"A"},{"id":"bot_2","name":"A"}]})");
  const Ran ran = run({"bot", "get", "A"});
  EXPECT_EQ(ran.exit_code, 6);
  EXPECT_THAT(ran.err, HasSubstr("2 bots are called \"A\""));
  EXPECT_THAT(ran.err, HasSubstr("\"A\" (bot_1), \"A\" (bot_2)"));
}

class Failures : public CliTest {};

TEST_F(Failures, SayWhatToTypeNextWhenNoServerAnswers) {
  environment_["BELLPULL_URL"] = "http://127.0.0.1:1";
  const Ran ran = run({"bot", "list"});
  EXPECT_EQ(ran.exit_code, 5);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err,
            "error: cannot reach the server at http://127.0.0.1:1 (connection refused)\n"
            "  It does not seem to be running on this machine.\n"
            "  try:  bellpull serve            start it here\n"
            "        bellpull config get url   see which server this CLI talks to\n");
}

TEST_F(Failures, AreOneObjectOnStdoutWithJson) {
  answers("GET /api/v1/run/run_1/fetch",
          R"({"message":"Not authorized","code":"NOT_AUTHORIZED","hint":"h","requestId":"req_1"})",
          403);
  const Ran ran = run({"run", "get", "run_1", "--json"});
  EXPECT_EQ(ran.exit_code, 4);
  EXPECT_EQ(ran.json(), boost::json::parse(R"({"error":{"code":"NOT_AUTHORIZED",
    "message":"Not authorized","hint":"h","requestId":"req_1","exitCode":4}})")
                            .as_object());
  EXPECT_THAT(ran.err, HasSubstr("error: Not authorized"));
}

TEST_F(Failures, HaveTheExitCodeOfTheirKind) {
  const auto code_for = [this](unsigned status) {
    answers("GET /api/v1/run/run_1/fetch", R"({"message":"m","code":"C"})", status);
    return run({"run", "get", "run_1"}).exit_code;
  };
  EXPECT_EQ(code_for(400), 6);
  EXPECT_EQ(code_for(401), 4);
  EXPECT_EQ(code_for(403), 4);
  EXPECT_EQ(code_for(404), 3);
  EXPECT_EQ(code_for(409), 6);
  EXPECT_EQ(code_for(503), 1);
  EXPECT_EQ(run({"run", "get"}).exit_code, 2);
}

TEST_F(Failures, OfAScheduleShowWhereItIsWrong) {
  answers("POST /api/v1/integration/trigger/create",
          R"({"message":"schedule is not valid: hour 25 is out of range 0-23","code":"BAD_REQUEST",
              "requestId":"req_1"})",
          400);
  const Ran ran = run({"trigger", "create", "nightly", "--schedule", "0 25 * * *"});
  EXPECT_EQ(ran.exit_code, 6);
  EXPECT_EQ(ran.err,
            "error: schedule is not valid: hour 25 is out of range 0-23\n"
            "         0 25 * * *\n"
            "           ^^\n"
            "  try:  --schedule SCHEDULE   when it fires by itself, such as \"0 9 * * 1-5\"\n"
            "  request: req_1\n");
}

TEST_F(Failures, OfFieldsNameTheOptionsThatHoldThem) {
  answers("POST /api/v1/integration/trigger/create",
          R"({"message":"botId is required; sessionDuration must be at most 1","code":"B"})", 400);
  EXPECT_THAT(run({"trigger", "create", "x", "--session-duration", "9d"}).err,
              HasSubstr("  try:  --bot BOT                     who answers its events: id, @alias "
                        "or name\n"
                        "        --session-duration DURATION   how long"));
  answers("POST /api/v1/token/create", R"({"message":"scopes must be a list","code":"B"})", 400);
  EXPECT_THAT(run({"token", "create"}).err, HasSubstr("try:  --scope SCOPE"));
}

TEST_F(Failures, WithoutAHintSayWhereToLook) {
  const auto next_after = [this](unsigned status, const std::vector<std::string>& words) {
    const std::string body = R"({"message":"m","code":"C"})";
    answers("GET /api/v1/", body, status);
    answers("POST /api/v1/", body, status);
    const std::string err = run(words).err;
    return err.substr(std::min(err.find("try:"), err.size()));
  };
  EXPECT_THAT(next_after(404, {"event", "get", "event_1"}),
              StartsWith("try:  bellpull event list   see what there is\n"));
  EXPECT_THAT(next_after(404, {"run", "get", "run_1"}), StartsWith("try:  bellpull event list"));
  EXPECT_THAT(next_after(400, {"bot", "list"}), StartsWith("try:  bellpull bot list --help"));
  EXPECT_THAT(next_after(403, {"bot", "list"}), StartsWith("try:  bellpull config list --origin"));
  EXPECT_THAT(next_after(409, {"run", "cancel", "run_1"}), StartsWith("try:  bellpull event list"));
  EXPECT_THAT(next_after(503, {"bot", "list"}), StartsWith("try:  bellpull status"));
}

TEST_F(Failures, WithoutATokenSayWhereOneIsLookedFor) {
  environment_.erase("BELLPULL_TOKEN");
  answers("GET /api/v1/bot/list", R"({"message":"Not authenticated","code":"NOT_AUTHENTICATED"})",
          401);
  const Ran ran = run({"bot", "list"});
  EXPECT_EQ(ran.exit_code, 4);
  EXPECT_THAT(ran.err, HasSubstr("No API token was found."));
  EXPECT_EQ(requests_of("GET").front().header("authorization"), "");
}

TEST_F(Failures, NameTheNearestCommand) {
  const Ran command = run({"evnt", "list"});
  EXPECT_EQ(command.exit_code, 2);
  EXPECT_THAT(command.err, HasSubstr("unknown command \"evnt\". Did you mean \"event\"?"));
  EXPECT_THAT(run({"event", "snd"}).err, HasSubstr("Did you mean \"event send\"?"));
  EXPECT_EQ(run({}).exit_code, 2);
}

TEST_F(Failures, OfAServerThatIsNotOursAreSaidSo) {
  answers("GET /api/v1/bot/list", "<html>hello</html>");
  const Ran ran = run({"bot", "list"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr("did not answer as a Bellpull server does"));
}

TEST_F(Failures, OfAnUnknownCertificateNameTheFlagThatTrustsIt) {
  HttpStandIn secure{[](const StandInRequest&) { return StandInReply{.body = R"({"items":[]})"}; },
                     HttpStandIn::Transport::tls};
  environment_["BELLPULL_URL"] = secure.url("");
  const Ran refused = run({"bot", "list"});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_THAT(refused.err, HasSubstr("--ca-file FILE"));

  std::ofstream{folder_ / "ca.pem"} << secure.certificate();
  const Ran trusted = run({"bot", "list", "--ca-file", (folder_ / "ca.pem").string()});
  EXPECT_EQ(trusted.exit_code, 0) << trusted.err;
}

TEST_F(Failures, DebugShowsTheExchangeWithoutSecrets) {
  answers("POST /api/v1/token/create", R"({"id":"token_1","token":"sk-new-secret"})");
  const Ran ran = run({"token", "create", "--name", "ci", "--debug", "-q"});
  EXPECT_THAT(ran.err, HasSubstr("> POST http://127.0.0.1:"));
  EXPECT_THAT(ran.err, HasSubstr("< 200 in "));
  EXPECT_THAT(ran.err, Not(HasSubstr("sk-new-secret")));
  EXPECT_THAT(ran.err, Not(HasSubstr("sk-test")));
}

class Resources : public CliTest {};

TEST_F(Resources, AnAccountComesWithItsFirstToken) {
  answers("POST /api/v1/account/create", R"({"id":"account_2","token":"sk-first"})");
  const Ran ran = run({"account", "create", "shop"});
  EXPECT_EQ(ran.out, "id\taccount_2\ntoken\tsk-first\n");
  EXPECT_EQ(requests_of("POST").front().body, R"({"name":"shop"})");
  EXPECT_EQ(requests_of("POST").front().header("authorization"), "Bearer sk-test");
}

TEST_F(Resources, AnAccountIsDisabledByName) {
  answers("GET /api/v1/account/list", R"({"items":[{"id":"account_2","name":"shop"}]})");
  answers("POST /api/v1/account/account_2/disable", R"({"id":"account_2"})");
  EXPECT_EQ(run({"account", "disable", "shop", "-q"}).out, "account_2\n");
}

TEST_F(Resources, ATokenGetsScopesAndAnExpiry) {
  answers("POST /api/v1/token/create", R"({"id":"token_1","token":"sk-new"})");
  run({"token", "create", "--name", "ci", "--scope", "read", "--scope", "write", "--expires", "90d",
       "--timestamps", "ms"});
  EXPECT_EQ(boost::json::parse(requests_of("POST").front().body),
            boost::json::parse(R"({"name":"ci","expiresAt":"2026-05-30T12:00:00.000Z",
              "timestamps":"ms","scopes":["read","write"]})"));
  EXPECT_EQ(run({"token", "create", "--expires", "soon"}).exit_code, 2);
}

TEST_F(Resources, ATriggerIsMadeForABotByName) {
  answers("GET /api/v1/bot/list", two_bots);
  answers("POST /api/v1/integration/trigger/create", R"({"id":"trigger_1","secret":"s1"})");
  const Ran ran = run({"trigger", "create", "orders", "--bot", "Order desk", "--open",
                       "--session-duration", "24h", "--schedule", "0 9 * * *"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(boost::json::parse(requests_of("POST").front().body),
            boost::json::parse(R"({"name":"orders","schedule":"0 9 * * *","authenticate":false,
              "sessionDuration":86400000,"botId":"bot_2"})"));
  EXPECT_THAT(ran.out, HasSubstr("secret\ts1\n"));
  EXPECT_THAT(ran.out, HasSubstr("/v1/integration/trigger/trigger_1/event\n"));
}

TEST_F(Resources, ATriggersSecretIsMaskedUntilAskedFor) {
  answers(
      "GET /api/v1/integration/trigger/list",
      R"({"items":[{"id":"trigger_1","name":"orders","secret":"0123456789abcdef0123456789abcdef"}]})");
  const std::string secret = "0123456789abcdef0123456789abcdef";
  EXPECT_THAT(run({"trigger", "get", "orders"}).out, HasSubstr("\nsecret\t0123456…\n"));
  EXPECT_THAT(run({"trigger", "get", "orders", "--fields", "name,url"}).out,
              Not(HasSubstr(secret)));
  EXPECT_THAT(run({"trigger", "get", "orders", "--show-secret"}).out,
              HasSubstr("\nsecret\t" + secret + "\n"));
  EXPECT_EQ(run({"trigger", "get", "orders", "--fields", "secret"}).out, secret + "\n");
}

TEST_F(Resources, AFieldThatIsAskedForIsPrintedAlone) {
  answers("POST /api/v1/token/create", R"({"id":"token_1","token":"sk-new"})");
  EXPECT_EQ(run({"token", "create", "--fields", "token"}).out, "sk-new\n")
      << "as a file of it is read by BELLPULL_TOKEN_FILE";
  EXPECT_EQ(run({"token", "create", "--fields", "token,id"}).out, "sk-new\ntoken_1\n");
  EXPECT_EQ(run({"token", "create", "--no-header"}).out, "token_1\nsk-new\n");
  EXPECT_EQ(run({"token", "create"}).out, "id\ttoken_1\ntoken\tsk-new\n");
}

class Revocation : public CliTest {
 protected:
  Revocation() {
    answers("GET /api/v1/token/list", R"({"items":[{"id":"token_1","name":"ci"}]})");
    answers("POST /api/v1/token/token_1/delete", R"({"id":"token_1"})");
  }
};

TEST_F(Revocation, AsksForTheNameOnATerminal) {
  is_terminal_ = true;
  const Ran other = run({"token", "revoke", "ci", "--no-color"}, "token_1\n");
  EXPECT_EQ(other.exit_code, 9);
  EXPECT_EQ(other.err,
            "token \"ci\" (token_1) will be gone for good. Type its name to go on: "
            "error: that is not the name of the token\n"
            "  Nothing was done.\n"
            "  try:  bellpull token revoke token_1 --yes   do it without asking\n");
  EXPECT_EQ(run({"token", "revoke", "ci"}, "").exit_code, 130) << "Ctrl+D";
  EXPECT_TRUE(requests_of("POST").empty());

  EXPECT_EQ(run({"token", "revoke", "ci"}, "ci\n").exit_code, 0);
  EXPECT_EQ(requests_of("POST /api/v1/token/token_1/delete").size(), 1U);
}

TEST_F(Revocation, ElsewhereNeedsToBeToldSo) {
  const Ran refused = run({"token", "revoke", "ci"}, "ci\n");
  EXPECT_EQ(refused.exit_code, 9);
  EXPECT_THAT(refused.err, HasSubstr("try:  bellpull token revoke token_1 --yes"));
  EXPECT_TRUE(requests_of("POST").empty());
  EXPECT_EQ(run({"token", "revoke", "ci", "--yes", "-q"}).out, "token_1\n");
}

TEST_F(Revocation, OfTheLastAdminTokenSaysWhatIsMissing) {
  answers("POST /api/v1/token/token_1/delete",
          R"({"message":"This is the last admin token of the server","code":"CONFLICT",
              "hint":"make another one with the scope admin first","requestId":"req_1"})",
          409);
  const Ran ran = run({"token", "revoke", "ci", "--yes"});
  EXPECT_EQ(ran.exit_code, 6);
  EXPECT_EQ(ran.err,
            "error: This is the last admin token of the server\n"
            "  make another one with the scope admin first\n"
            "  request: req_1\n");
}

TEST_F(Resources, AnEventsBodyComesOutByteForByte) {
  answers("GET /api/v1/event/inbox/event_1/fetch", R"({"id":"event_1","body":"a\tb\nc"})");
  EXPECT_EQ(run({"event", "get", "event_1", "--body"}).out, "a\tb\nc");
}

class Status : public CliTest {};

TEST_F(Status, GathersWhatTheServerTells) {
  answers("GET /healthz", R"({"status":"ok","version":"0.1.0"})");
  answers("GET /readyz", "{}");
  answers("GET /metrics",
          "# TYPE bellpull_queue_ready gauge\nbellpull_queue_ready 3\n"
          "bellpull_events_accepted_total 1204\n"
          "bellpull_runs_total{state=\"succeeded\"} 1200 1700000000\n");
  answers("GET /api/v1/event/inbox/list", R"({"items":[{"id":"event_9","reason":"attempts"}]})");
  const boost::json::object status = run({"status", "--json"}).json();
  EXPECT_EQ(status.at("version"), "0.1.0");
  EXPECT_EQ(status.at("writable"), true);
  EXPECT_EQ(status.at("queue").as_object().at("ready"), 3);
  EXPECT_EQ(status.at("runs").as_object().at("succeeded"), 1200);
  EXPECT_EQ(status.at("deadLetters").as_array().size(), 1U);
}

TEST_F(Status, OfAServerThatTellsLittleIsNoFailure) {
  is_terminal_ = true;
  const Ran ran = run({"status", "--no-color"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("? ready   ? running"));
}

TEST_F(Status, ThatTakesNoEventsIsAFailure) {
  answers("GET /readyz", "{}", 503);
  EXPECT_EQ(run({"status", "--quiet"}).exit_code, 1);
}

TEST_F(CliTest, AnUnknownOutcomeIsResolvedByItsStep) {
  answers("POST /api/v1/step/step_10003/resolve", R"({"id":"step_10004","resolves":"step_10003"})");
  const Ran ran =
      run({"run", "resolve", "step_10003", "done", "--result", R"({"order":7})", "--note", "seen"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("step_10004"));
  const auto sent = requests_of("POST /api/v1/step/");
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(boost::json::parse(sent[0].body),
            boost::json::parse(R"({"outcome":"done","result":{"order":7},"note":"seen"})"));

  run({"run", "resolve", "step_10003", "not_done", "--result", "no such order"});
  EXPECT_EQ(boost::json::parse(requests_of("POST /api/v1/step/").at(1).body).at("result"),
            "no such order");
}

}  // namespace
}  // namespace bellpull::cli
