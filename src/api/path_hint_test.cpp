#include <string>

#include <gtest/gtest.h>

#include "api/api_fixture_test.h"

namespace bellpull {
namespace {

class PathHintTest : public ApiTest {
 protected:
  std::string hint(const std::string& method, const std::string& path) {
    const Reply reply = client().send(method, path, auth(), "");
    const json::object error = reply.object();
    return error.contains("hint") ? std::string{error.at("hint").as_string()} : "";
  }
};

TEST_F(PathHintTest, AMistypedPathIsToldWhatItMayHaveMeant) {
  EXPECT_EQ(hint("GET", "/api/v1/bots/list"), "did you mean /api/v1/bot/list?");
  EXPECT_EQ(hint("GET", "/v1/bot/bot_x/fetsh"), "did you mean /v1/bot/bot_x/fetch?");
  EXPECT_EQ(hint("GET", "/bot/list"), "did you mean /api/v1/bot/list?");
  EXPECT_EQ(hint("GET", "/something/else"), "");
  EXPECT_EQ(hint("GET", "/" + std::string(5000, 'x') + "/list"), "");
}

TEST_F(PathHintTest, AWrongMethodIsToldTheRightOnes) {
  EXPECT_EQ(hint("POST", "/api/v1/bot/list"), "send it with GET, HEAD, OPTIONS");
}

TEST_F(PathHintTest, WhoIsNotKnownIsToldWhatToSend) {
  const auto hint_of = [&](const std::string& head) {
    const Reply reply = client().send("GET", "/api/v1/bot/list", head, "");
    EXPECT_EQ(reply.status, 401);
    return reply.text("hint");
  };
  EXPECT_EQ(hint_of(""), "send an API token: authorization: Bearer sk-...");
  EXPECT_EQ(hint_of(auth("sk-" + std::string(64, 'a'))),
            "the token is not known, has expired or was deleted, or its account is disabled");
  EXPECT_EQ(hint_of(auth() + "x-runas-user-id: user_1\r\n"),
            "there are no child accounts: send the account's own token, without x-runas headers");
}

TEST_F(PathHintTest, WhatIsNotBuiltSaysWhyAndWhatThereIsInstead) {
  EXPECT_EQ(post("/task/create").text("hint"), "use a trigger with a schedule");
  EXPECT_EQ(post("/bot/b/upvote").text("hint"), "votes are not kept");
  EXPECT_EQ(post("/integration/slack/create").text("hint"),
            "of the integrations there are triggers only: integration/trigger/create");
}

TEST_F(PathHintTest, AConflictNamesTheField) {
  post("/bot/create", {{"alias", "a"}});
  const Reply taken = post("/bot/create", {{"alias", "a"}});
  EXPECT_EQ(taken.message(), "Unique constraint violation");
  EXPECT_EQ(taken.text("hint"), "another one has this alias");
}

}  // namespace
}  // namespace bellpull
