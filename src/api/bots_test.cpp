#include <string>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"

namespace bellpull {
namespace {

using BotsTest = ApiTest;

TEST_F(BotsTest, IsCreatedAndFetchedWithEveryField) {
  const Reply created = post("/bot/create", {{"name", "Ann"}, {"backstory", "You help."}});
  ASSERT_EQ(created.status, 200) << created.body;
  EXPECT_EQ(created.body, R"({"id":")" + created.id() + R"("})");

  const Reply fetched = get("/bot/" + created.id() + "/fetch");
  ASSERT_EQ(fetched.status, 200);
  EXPECT_EQ(fetched.header("content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(
      fetched.body,
      R"({"id":")" + created.id() +
          R"(","alias":null,"name":"Ann","description":"","backstory":"You help.",)"
          R"("model":null,"datasetId":null,"skillsetId":null,"blueprintId":null,)"
          R"("privacy":false,"moderation":false,"visibility":"private","meta":{},)"
          R"("createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z"})");
}

TEST_F(BotsTest, AnUpdateChangesWhatItNamesAndNothingElse) {
  const std::string id =
      post("/bot/create", {{"name", "Ann"}, {"alias", "ann"}, {"model", "m/temperature=0.5"}}).id();
  clock.advance(std::chrono::seconds{5});

  EXPECT_EQ(post("/bot/" + id + "/update", {{"description", "helps"}}).status, 200);

  const json::object bot = get("/bot/" + id + "/fetch").object();
  EXPECT_EQ(bot.at("name"), "Ann");
  EXPECT_EQ(bot.at("alias"), "ann");
  EXPECT_EQ(bot.at("model"), "m/temperature=0.5");
  EXPECT_EQ(bot.at("description"), "helps");
  EXPECT_EQ(bot.at("createdAt"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(bot.at("updatedAt"), "2026-01-01T00:00:05.000Z");

  EXPECT_EQ(post("/bot/" + id + "/update", {{"alias", nullptr}, {"model", ""}}).status, 200);
  EXPECT_EQ(get("/bot/" + id + "/fetch").at("alias"), nullptr);
  EXPECT_EQ(get("/bot/" + id + "/fetch").at("model"), nullptr);
}

TEST_F(BotsTest, IsReachedByItsAliasInPathsAndReferences) {
  const std::string id = post("/bot/create", {{"alias", "sales-bot"}}).id();
  EXPECT_EQ(get("/bot/@sales-bot/fetch").id(), id);
  EXPECT_EQ(get("/bot/@nobody/fetch").status, 404);

  const std::string conversation = post("/conversation/create", {{"botId", "@sales-bot"}}).id();
  EXPECT_EQ(get("/conversation/" + conversation + "/fetch").at("botId"), id.c_str());
}

TEST_F(BotsTest, AnAliasIsUniqueInItsAccountAndKind) {
  ASSERT_EQ(post("/bot/create", {{"alias", "taken"}}).status, 200);
  const Reply second = post("/bot/create", {{"alias", "taken"}});
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(second.message(), "Unique constraint violation");
  EXPECT_EQ(second.text("code"), "CONFLICT");

  EXPECT_EQ(post("/skillset/create", {{"alias", "taken"}}).status, 200);
  EXPECT_EQ(post_as(other_account(), "/bot/create", {{"alias", "taken"}}).status, 200);
}

TEST_F(BotsTest, TellsAllThatIsWrongAtOnce) {
  const Reply refused = post("/bot/create", {{"name", std::string(192, 'x')},
                                             {"privacy", "yes"},
                                             {"alias", "Not Allowed"},
                                             {"visibility", "privat"}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.text("code"), "BAD_REQUEST");
  EXPECT_EQ(refused.message(),
            "alias must be at most 128 characters of a-z, 0-9, \"_\" and \"-\"; "
            "name must be at most 191 bytes; privacy must be true or false; "
            "visibility must be \"private\", \"protected\" or \"public\"");
  EXPECT_EQ(refused.text("hint"), "did you mean \"private\"?");
}

TEST_F(BotsTest, CountsTheBytesOfANameNotItsLetters) {
  std::string name;
  for (int i = 0; i < 96; ++i) name += "é";
  EXPECT_EQ(post("/bot/create", {{"name", name}}).status, 400);
  EXPECT_EQ(post("/bot/create", {{"name", name.substr(0, 190)}}).status, 200);
}

TEST_F(BotsTest, MetaIsReplacedOrMergedOnDemand) {
  const std::string id = post("/bot/create", {{"meta", {{"a", 1}, {"b", "x"}}}}).id();
  post("/bot/" + id + "/update", {{"meta", {{"$update", {{"b", "y"}, {"c", true}}}}}});
  EXPECT_EQ(get("/bot/" + id + "/fetch").at("meta"),
            (json::object{{"a", 1}, {"b", "y"}, {"c", true}}));

  post("/bot/" + id + "/update", {{"meta", {{"only", "this"}}}});
  EXPECT_EQ(get("/bot/" + id + "/fetch").at("meta"), (json::object{{"only", "this"}}));

  post("/bot/" + id + "/update", {{"meta", nullptr}});
  EXPECT_EQ(get("/bot/" + id + "/fetch").at("meta"), json::object{});

  EXPECT_EQ(post("/bot/create", {{"meta", "text"}}).message(), "meta must be an object");
  EXPECT_EQ(post("/bot/create", {{"meta", {{"_own", 1}}}}).message(),
            "meta must not have keys that start with \"_\": \"_own\"");
  EXPECT_EQ(post("/bot/create", {{"meta", {{"big", std::string(70'000, 'x')}}}}).message(),
            "meta must be at most 65536 bytes as JSON");
}

TEST_F(BotsTest, AnothersBotIsForbiddenAndAMissingOneNotFound) {
  const std::string id = post("/bot/create").id();
  const std::string stranger = other_account();
  EXPECT_EQ(get_as(stranger, "/bot/" + id + "/fetch").status, 403);
  EXPECT_EQ(post_as(stranger, "/bot/" + id + "/update").status, 403);
  EXPECT_EQ(post_as(stranger, "/bot/" + id + "/delete").status, 403);
  EXPECT_TRUE(get_as(stranger, "/bot/list").items().empty());

  const Reply missing = get("/bot/bot_00000000010000000000000000/fetch");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.message(), "Bot not found");
  EXPECT_EQ(get("/bot/whatever/fetch").status, 404);
}

TEST_F(BotsTest, OnlyAPublicOneOfAnotherMayBeReferredTo) {
  const std::string hidden = post("/bot/create").id();
  const std::string open = post("/bot/create", {{"visibility", "public"}}).id();
  const std::string stranger = other_account();
  EXPECT_EQ(post_as(stranger, "/conversation/create", {{"botId", hidden}}).status, 403);
  EXPECT_EQ(post_as(stranger, "/conversation/create", {{"botId", open}}).status, 200);
  const Reply unknown = post("/conversation/create", {{"botId", "bot_missing"}});
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.message(), "Bot not found");
}

TEST_F(BotsTest, ADeletedOneLeavesNullWhereItWasNamed) {
  const std::string bot = post("/bot/create").id();
  const std::string conversation = post("/conversation/create", {{"botId", bot}}).id();
  const std::string trigger =
      post("/integration/trigger/create", {{"name", "t"}, {"botId", bot}}).id();

  EXPECT_EQ(post("/bot/" + bot + "/delete").id(), bot);

  EXPECT_EQ(get("/bot/" + bot + "/fetch").status, 404);
  EXPECT_EQ(post("/bot/" + bot + "/delete").status, 404);
  EXPECT_EQ(get("/conversation/" + conversation + "/fetch").at("botId"), nullptr);
  EXPECT_EQ(get("/integration/trigger/" + trigger + "/fetch").at("botId"), nullptr);
}

TEST_F(BotsTest, ACloneIsAPrivateCopyWithoutAlias) {
  const std::string id =
      post("/bot/create",
           {{"name", "Ann"}, {"alias", "ann"}, {"privacy", true}, {"visibility", "public"}})
          .id();
  const std::string copy = post("/bot/" + id + "/clone").id();
  EXPECT_NE(copy, id);
  const json::object bot = get("/bot/" + copy + "/fetch").object();
  EXPECT_EQ(bot.at("name"), "Ann");
  EXPECT_EQ(bot.at("privacy"), true);
  EXPECT_EQ(bot.at("alias"), nullptr);
  EXPECT_EQ(bot.at("visibility"), "private");
}

TEST_F(BotsTest, IgnoresWhatItDoesNotKnowAndWhatIsItsOwn) {
  const std::string id = post("/bot/create", {{"future", {1, 2}}, {"id", "mine"}}).id();
  json::object whole = get("/bot/" + id + "/fetch").object();
  whole["name"] = "posted back";
  EXPECT_EQ(post("/bot/" + id + "/update", whole).status, 200);
  EXPECT_EQ(get("/bot/" + id + "/fetch").at("name"), "posted back");
}

TEST_F(BotsTest, ABlueprintCannotBeReferredToYet) {
  const Reply refused = post("/bot/create", {{"blueprintId", "blueprint_1"}});
  EXPECT_EQ(refused.status, 404);
  EXPECT_EQ(refused.message(), "Blueprint not found");
  EXPECT_EQ(post("/bot/create", {{"blueprintId", ""}}).status, 200);
}

}  // namespace
}  // namespace bellpull
