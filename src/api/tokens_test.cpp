#include <chrono>
#include <string>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "base/result.h"
#include "domain/account.h"
#include "domain/ids.h"
#include "identity/accounts.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

using TokensTest = ApiTest;

TEST_F(TokensTest, ItsTextIsShownOnceOnly) {
  const Reply created = post("/token/create", {{"name", "ci"}});
  ASSERT_EQ(created.status, 200) << created.body;
  EXPECT_EQ(created.text("token").size(), 67U);
  EXPECT_EQ(created.at("createdAt"), "2026-01-01T00:00:00.000Z");

  const Reply fetched = get("/token/" + created.id() + "/fetch");
  EXPECT_EQ(
      fetched.body,
      R"({"id":")" + created.id() +
          R"(","name":"ci","description":"","scopes":["read","write","secrets:read"],)"
          R"("timestamps":null,"expiresAt":null,"meta":{},)"
          R"("createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z"})");
  EXPECT_EQ(get("/token/list").body.find(created.text("token")), std::string::npos);
  EXPECT_EQ(get_as(created.text("token"), "/bot/list").status, 200);
}

TEST_F(TokensTest, ADeletedOneIsRefusedAtOnce) {
  const Reply created = post("/token/create");
  ASSERT_EQ(get_as(created.text("token"), "/bot/list").status, 200);
  EXPECT_EQ(post("/token/" + created.id() + "/delete").id(), created.id());
  EXPECT_EQ(get_as(created.text("token"), "/bot/list").status, 401);
}

TEST_F(TokensTest, AChangeCountsFromTheNextRequestOn) {
  const Reply created = post("/token/create");
  ASSERT_EQ(post_as(created.text("token"), "/bot/create").status, 200);
  EXPECT_EQ(post("/token/" + created.id() + "/update", {{"scopes", {"read"}}}).status, 200);
  EXPECT_EQ(post_as(created.text("token"), "/bot/create").status, 403);
}

TEST_F(TokensTest, AnExpiredOneIsRefused) {
  const Reply created = post("/token/create", {{"expiresAt", "2026-01-01T00:01:00Z"}});
  ASSERT_EQ(get_as(created.text("token"), "/bot/list").status, 200);
  clock.advance(std::chrono::minutes{1});
  EXPECT_EQ(get_as(created.text("token"), "/bot/list").status, 401);
}

TEST_F(TokensTest, NobodyGrantsMoreThanTheyHave) {
  const std::string writer = post("/token/create", {{"scopes", {"read", "write"}}}).text("token");
  EXPECT_EQ(post_as(writer, "/token/create", {{"scopes", {"admin"}}}).status, 403);
  EXPECT_EQ(post_as(writer, "/token/create", {{"scopes", {"write"}}}).status, 200);

  const std::string admin{get("/token/list?order=asc").items().at(0).at("id").as_string()};
  EXPECT_EQ(post_as(writer, "/token/" + admin + "/delete").status, 403);
  EXPECT_EQ(post_as(writer, "/token/" + admin + "/update", {{"scopes", json::array{}}}).status,
            403);

  const std::string brief = post("/token/create", {{"expiresAt", "2026-01-02"}}).text("token");
  EXPECT_EQ(post_as(brief, "/token/create").status, 403) << "it would live longer";
  EXPECT_EQ(post_as(brief, "/token/create", {{"expiresAt", "2026-01-01T12:00:00Z"}}).status, 200);
}

TEST_F(TokensTest, ATimeThatIsOverIsRefused) {
  const Reply refused = post("/token/create", {{"expiresAt", 1}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.message(), "expiresAt must be in the future");
}

TEST_F(TokensTest, ARepeatIsNotToldOfATokenThatMayDoMoreThanItsOwnByNow) {
  const Reply maker = post("/token/create", {{"name", "maker"}});
  const auto make = [&] {
    return client().send(
        "POST", "/api/v1/token/create",
        auth(maker.text("token")) + "content-type: application/json\r\nidempotency-key: k\r\n",
        R"({"name":"made"})");
  };
  ASSERT_EQ(make().status, 200);
  EXPECT_EQ(post("/token/" + maker.id() + "/update", {{"scopes", {"write"}}}).status, 200);
  EXPECT_EQ(make().status, 403);
}

TEST_F(TokensTest, WithoutScopesItGetsTheUsualOnesThatItsMakerHas) {
  const std::string writer = post("/token/create", {{"scopes", {"read", "write"}}}).text("token");
  for (const json::object& body : {json::object{}, json::object{{"scopes", nullptr}}}) {
    const Reply made = post_as(writer, "/token/create", body);
    ASSERT_EQ(made.status, 200) << made.body;
    EXPECT_EQ(get("/token/" + made.id() + "/fetch").at("scopes"), (json::array{"read", "write"}));
  }
}

TEST_F(TokensTest, ARestrictionThatIsNotBuiltIsNotDropped) {
  const json::object config{{"contactId", "contact_1"}};
  const Reply refused = post("/token/create", {{"config", config}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.message(), "config must be empty");
  EXPECT_EQ(refused.text("hint"), "restricting a token by its config is not built yet");
  const Reply made = post("/token/create", {{"config", json::object{}}});
  EXPECT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(post("/token/" + made.id() + "/update", {{"config", config}}).status, 400);
}

TEST_F(TokensTest, RefusesUnknownScopes) {
  const Reply refused = post("/token/create", {{"scopes", {"raed"}}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.text("hint"), "did you mean \"read\"?");
  EXPECT_EQ(post("/token/create", {{"scopes", "read"}}).status, 400);
  EXPECT_EQ(post("/token/create", {{"timestamps", "unix"}}).status, 400);
}

TEST_F(TokensTest, AnAccountIsMadeDisabledAndEnabledByAnAdmin) {
  const Reply created = post("/account/create", {{"name", "team"}});
  const std::string its_token = created.text("token");
  EXPECT_EQ(get_as(its_token, "/bot/list").status, 200);
  EXPECT_EQ(get_as(its_token, "/account/list").status, 403);
  EXPECT_EQ(get("/account/list").items().size(), 2U);

  EXPECT_EQ(post("/account/" + created.id() + "/disable").id(), created.id());
  EXPECT_EQ(get_as(its_token, "/bot/list").status, 401);
  EXPECT_EQ(get("/account/list").items().at(0).at("state"), "disabled");
  EXPECT_EQ(post("/account/" + created.id() + "/enable").status, 200);
  EXPECT_EQ(get_as(its_token, "/bot/list").status, 200);
}

TEST_F(TokensTest, AnAdminCannotLockEverybodyOut) {
  const std::string own{get("/account/list").items().at(0).at("id").as_string()};
  EXPECT_EQ(post("/account/" + own + "/disable").status, 409);
}

TEST_F(TokensTest, OfTwoAdminsWhoDisableEachOtherOneStays) {
  const Reply other = post("/account/create", {{"name", "team"}});
  const AccountKey other_key = AccountId::parse(other.id()).value().key;
  IssuedToken issued = issue_token(other_key, random, clock.now());
  issued.token.scopes = all_scopes;
  ASSERT_TRUE(await(store.transact(
      [&](Transaction& rows) -> Result<void> { return rows.tokens().add(issued.token); })));
  const json::array accounts = get_as(issued.text, "/account/list").items();
  ASSERT_EQ(accounts.size(), 2U);
  const std::string own{accounts.at(1).at("id").as_string()};
  // As if the first one's commit came after the other was let in: its token is still known.
  ASSERT_TRUE(await(store.transact([&](Transaction& rows) -> Result<void> {
    Account account = rows.accounts().find(other_key).value();
    account.state = AccountState::disabled;
    return rows.accounts().update(account);
  })));
  EXPECT_EQ(post_as(issued.text, "/account/" + own + "/disable").status, 401);
  EXPECT_EQ(get("/account/list").status, 200);
}

TEST_F(TokensTest, TheLastAdminTokenStays) {
  const std::string path =
      "/token/" + std::string{get("/token/list").items().at(0).at("id").as_string()};
  const Reply refused = post(path + "/delete");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.message(), "This is the last admin token of the server");
  EXPECT_EQ(post(path + "/update", {{"scopes", {"read", "write"}}}).status, 409);
  EXPECT_EQ(post(path + "/update", {{"expiresAt", "2025-12-31"}}).status, 409);
  EXPECT_EQ(post(path + "/update", {{"name", "root"}, {"expiresAt", "2027-01-01"}}).status, 200);
  EXPECT_EQ(get("/account/list").status, 200) << "it still works";

  const Reply second = post("/token/create", {{"scopes", {"admin"}}, {"expiresAt", "2026-01-02"}});
  clock.advance(std::chrono::hours{48});
  EXPECT_EQ(post(path + "/delete").status, 409) << "the second one has expired";
  EXPECT_EQ(post("/token/" + second.id() + "/update", {{"expiresAt", "2026-12-31"}}).status, 200);
  EXPECT_EQ(post(path + "/delete").status, 200);
}

TEST_F(TokensTest, AnAdminTokenOfADisabledAccountIsNoOther) {
  const Reply other = post("/account/create", {{"name", "team"}});
  const std::string own{get("/token/list").items().at(0).at("id").as_string()};
  const auto made = await(store.transact([&](Transaction& rows) -> Result<bool> {
    const AccountKey account = AccountId::parse(other.id()).value().key;
    IssuedToken issued = issue_token(account, random, clock.now());
    issued.token.scopes = all_scopes;
    return rows.tokens().add(issued.token).has_value();
  }));
  ASSERT_TRUE(made && *made);
  ASSERT_EQ(post("/account/" + other.id() + "/disable").status, 200);
  EXPECT_EQ(post("/token/" + own + "/delete").status, 409);
  ASSERT_EQ(post("/account/" + other.id() + "/enable").status, 200);
  EXPECT_EQ(post("/token/" + own + "/delete").status, 200);
}

}  // namespace
}  // namespace bellpull
