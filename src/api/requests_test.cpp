// What holds for every endpoint: prefixes, credentials, bodies, methods, errors, headers.
#include <cstddef>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "action/ability_bench.h"
#include "api/api.h"
#include "api/api_fixture_test.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/account.h"
#include "http/http_server.h"
#include "http/router.h"
#include "identity/authenticator.h"
#include "support/refusing_store.h"
#include "vault/vault.h"

namespace bellpull {
namespace {

using RequestsTest = ApiTest;

TEST_F(RequestsTest, BothPrefixesAreTheSameApi) {
  const std::string id = post("/bot/create", {{"name", "Ann"}}).id();
  for (const std::string prefix : {"/api/v1", "/v1"}) {
    EXPECT_EQ(client().send("GET", prefix + "/bot/" + id + "/fetch", auth(), "").text("name"),
              "Ann");
    EXPECT_EQ(client().send("GET", prefix + "/bot/" + id + "/fetch/", auth(), "").text("name"),
              "Ann");
  }
}

TEST_F(RequestsTest, ErrorsAreJsonWithAWordAndTheRequestsName) {
  const Reply reply = get("/no/such/route");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.header("content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(reply.message(), "Not found");
  EXPECT_EQ(reply.text("code"), "NOT_FOUND");
  EXPECT_EQ(reply.text("requestId"), reply.header("x-request-id"));
  EXPECT_NE(reply.text("requestId"), get("/no/such/route").text("requestId"));
}

TEST_F(RequestsTest, OnlyAKnownTokenGetsIn) {
  const std::string unknown = "sk-" + std::string(64, '0');
  const std::vector<std::string> heads{"",
                                       "authorization: " + token + "\r\n",
                                       "authorization: Basic " + token + "\r\n",
                                       "authorization: Bearer \r\n",
                                       auth(unknown),
                                       auth(token + "0")};
  for (const std::string& head : heads) {
    const Reply reply = client().send("GET", "/v1/bot/list", head, "");
    EXPECT_EQ(reply.status, 401) << head;
    EXPECT_EQ(reply.message(), "Not authenticated");
    EXPECT_EQ(reply.text("code"), "NOT_AUTHENTICATED");
  }
  EXPECT_EQ(
      client().send("GET", "/v1/bot/list", "Authorization: bearer " + token + "\r\n", "").status,
      200);
}

TEST_F(RequestsTest, NobodyCanBeRunAs) {
  EXPECT_EQ(get("/bot/list", "x-runas-user-id: account_1\r\n").status, 401);
  EXPECT_EQ(get("/bot/list", "x-runas-child-user-email: a@b.c\r\n").status, 401);
}

TEST_F(RequestsTest, ATokenDoesWhatItsScopesAllow) {
  const std::string reader = post("/token/create", {{"scopes", {"read"}}}).text("token");
  EXPECT_EQ(get_as(reader, "/bot/list").status, 200);
  const Reply refused = post_as(reader, "/bot/create");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.text("code"), "NOT_AUTHORIZED");
  EXPECT_EQ(refused.text("hint"), "the token lacks the scope write");
  EXPECT_EQ(post_as(reader, "/account/create", {{"name", "x"}}).status, 403);
}

TEST_F(RequestsTest, AnEmptyBodyIsAnEmptyObjectWhateverItsType) {
  EXPECT_EQ(post_text("/bot/create", "", "").status, 200);
  EXPECT_EQ(post_text("/bot/create", "", "content-type: text/plain\r\n").status, 200);
  EXPECT_EQ(
      post_text("/bot/create", "{}", "content-type: Application/JSON; charset=utf-8\r\n").status,
      200);
}

TEST_F(RequestsTest, OtherBodiesAreRefused) {
  EXPECT_EQ(post_text("/bot/create", "{}", "content-type: text/plain\r\n").status, 400);
  EXPECT_EQ(post_text("/bot/create", "{}", "").status, 400);
  EXPECT_EQ(post_text("/bot/create", "[]").message(), "the body must be a JSON object");
  EXPECT_EQ(post_text("/bot/create", R"({"name":)").message(),
            "the body is not valid JSON: unexpected end at byte 8");
}

TEST_F(RequestsTest, TheBodyIsLookedAtOnlyForACaller) {
  EXPECT_EQ(client().send("POST", "/v1/bot/create", "content-type: text/plain\r\n", "x").status,
            401);
}

TEST_F(RequestsTest, AWrongMethodNamesTheRightOnes) {
  const Reply reply = get("/bot/create");
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.message(), "Method not allowed");
  EXPECT_EQ(reply.text("code"), "METHOD_NOT_ALLOWED");
  EXPECT_NE(reply.header("allow").find("POST"), std::string::npos);
}

TEST_F(RequestsTest, HeadHasNoBodyAndNoEffect) {
  const Reply reply = client().send("HEAD", "/v1/bot/create", auth(), "");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
  EXPECT_TRUE(get("/bot/list").items().empty());
}

TEST_F(RequestsTest, OptionsTellABrowserWhatItMaySend) {
  const Reply reply =
      client().send("OPTIONS", "/v1/bot/create", "origin: https://a.example\r\n", "");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{}");
  EXPECT_EQ(reply.header("access-control-allow-origin"), "*");
  EXPECT_EQ(reply.header("access-control-allow-methods"), "GET, POST, PUT, PATCH, HEAD, OPTIONS");
  EXPECT_NE(reply.header("access-control-allow-headers").find("idempotency-key"),
            std::string::npos);
  EXPECT_EQ(reply.header("access-control-max-age"), "86400");
}

TEST_F(RequestsTest, WhatIsKnownAndNotBuiltSaysSo) {
  for (const char* path : {"/graphql", "/v1/graphql", "/api/v1/graphql"}) {
    const Reply reply = client().send("POST", path, auth() + "content-type: application/json\r\n",
                                      R"({"query":"{bots}"})");
    EXPECT_EQ(reply.status, 501) << path;
    EXPECT_EQ(reply.text("code"), "NOT_IMPLEMENTED");
  }
  EXPECT_EQ(get("/blueprint/blueprint_x/bulletin/list").status, 501);
  EXPECT_EQ(post("/blueprint/blueprint_x/bulletin/create").status, 501);
}

TEST_F(RequestsTest, EveryReplySaysWhoMayReadIt) {
  for (const Reply& reply : {get("/bot/list"), get("/no/such/route"), post("/bot/create")}) {
    EXPECT_EQ(reply.header("access-control-allow-origin"), "*") << reply.body;
    EXPECT_NE(reply.header("access-control-expose-headers").find("x-event-id"), std::string::npos);
    EXPECT_EQ(reply.header("access-control-allow-methods"), "") << "only browsers ask for these";
  }
}

TEST_F(RequestsTest, ErrorsAreReadableFromOtherOriginsToo) {
  const Reply reply = client().send("GET", "/v1/bot/list", "origin: https://a.example\r\n", "");
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.header("access-control-allow-origin"), "*");
  EXPECT_NE(reply.header("access-control-expose-headers").find("x-event-id"), std::string::npos);
}

TEST_F(RequestsTest, ABodyOverTheLimitIsTooLarge) {
  const Reply reply =
      client().send("POST", "/v1/bot/create",
                    auth() + "content-type: application/json\r\nExpect: 100-continue\r\n",
                    std::string((std::size_t{10} << 20) + 1, ' '));
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.text("code"), "CONTENT_TOO_LARGE");
}

TEST_F(RequestsTest, TimesAreWrittenAsTheCallerWants) {
  const std::string id = post("/bot/create").id();
  const std::string path = "/bot/" + id + "/fetch";
  EXPECT_EQ(get(path).at("createdAt"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(get(path, "x-timestamps: ms\r\n").at("createdAt"), 1'767'225'600'000);

  const std::string by_token = post("/token/create", {{"timestamps", "ms"}}).text("token");
  EXPECT_EQ(get_as(by_token, path).at("createdAt"), 1'767'225'600'000);
  EXPECT_EQ(client()
                .send("GET", "/v1" + path, auth(by_token) + "x-timestamps: iso\r\n", "")
                .at("createdAt"),
            "2026-01-01T00:00:00.000Z")
      << "the header wins over the token";
}

class MsByDefaultTest : public ApiTest {
 protected:
  MsByDefaultTest()
      : ApiTest({.timestamps = TimestampForm::ms,
                 .require_bot = false,
                 .origins = {"https://app.example"}}) {}
};

TEST_F(MsByDefaultTest, SettingsDecideWhatNobodySays) {
  const std::string id = post("/integration/trigger/create").id();
  const std::string path = "/integration/trigger/" + id + "/fetch";
  EXPECT_EQ(get(path).at("createdAt"), 1'767'225'600'000);
  EXPECT_EQ(get(path, "x-timestamps: iso\r\n").at("createdAt"), "2026-01-01T00:00:00.000Z");
}

TEST_F(MsByDefaultTest, OnlyAConfiguredOriginIsAllowed) {
  const Reply mine = get("/bot/list", "origin: https://app.example\r\n");
  EXPECT_EQ(mine.header("access-control-allow-origin"), "https://app.example");
  EXPECT_EQ(mine.header("vary"), "origin");
  const Reply other = get("/bot/list", "origin: https://evil.example\r\n");
  EXPECT_EQ(other.header("access-control-allow-origin"), "");
  const Reply nobody = get("/bot/list");
  EXPECT_EQ(nobody.header("access-control-allow-origin"), "");
  EXPECT_EQ(nobody.header("vary"), "origin");
}

TEST(UnavailableStoreTest, IsAnswered503AndNothingIsTold) {
  RefusingStore store;
  const TestClock clock;
  SystemRandom random;
  Log log{LogFormat::text, LogLevel::error};
  Authenticator authenticator{store, clock};
  const Vault vault = *Vault::from_hex(std::string(64, 'a'));
  Router router;
  FakeRemote remote;
  boost::asio::io_context work;
  AbilityBench bench{work.get_executor(), clock, log, {}};
  Api api{router, {store, authenticator, vault, clock, random, log, remote, bench}, {}};
  HttpServer server{HttpConfig{}, router, api.hooks(), clock, log};
  const TestClient client{server.start()};

  testing::internal::CaptureStderr();
  const Reply reply = client.send("GET", "/v1/bot/list",
                                  "authorization: Bearer sk-" + std::string(64, 'a') + "\r\n", "");
  const std::string logged = testing::internal::GetCapturedStderr();
  server.stop(Duration{0});

  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.text("code"), "SERVICE_UNAVAILABLE");
  EXPECT_EQ(reply.message(), "Service unavailable");
  EXPECT_NE(reply.header("retry-after"), "");
  EXPECT_NE(logged.find("the disk is full"), std::string::npos) << logged;
  EXPECT_NE(logged.find(reply.text("requestId")), std::string::npos) << logged;
}

}  // namespace
}  // namespace bellpull
