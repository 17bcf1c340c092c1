#include <string>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"

namespace bellpull {
namespace {

class SkillsetsTest : public ApiTest {
 protected:
  std::string skillset = post("/skillset/create", {{"name", "tools"}}).id();
  const std::string base = "/skillset/" + skillset + "/ability";
};

TEST_F(SkillsetsTest, IsFetchedWithEveryField) {
  EXPECT_EQ(
      get("/skillset/" + skillset + "/fetch").body,
      R"({"id":")" + skillset +
          R"(","alias":null,"name":"tools","description":"","blueprintId":null,)"
          R"("visibility":"private","state":"enabled","meta":{},)"
          R"("createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z"})");
}

TEST_F(SkillsetsTest, AnAbilityIsFetchedWithBothNamesOfItsLinks) {
  const std::string id =
      post(base + "/create",
           {{"name", "look up"}, {"instruction", "```fetch\n```"}, {"linkedSpaceId", "space_1"}})
          .id();
  EXPECT_EQ(
      get(base + "/" + id + "/fetch").body,
      R"({"id":")" + id + R"(","skillsetId":")" + skillset +
          R"(","alias":null,"name":"look up","description":"",)"
          R"("instruction":"```fetch\n```","blueprintId":null,)"
          R"("secretId":null,"linkedSecretId":null,)"
          R"("fileId":null,"linkedFileId":null,"botId":null,"linkedBotId":null,)"
          R"("spaceId":"space_1","linkedSpaceId":"space_1","state":"enabled","meta":{},)"
          R"("createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z"})");
}

TEST_F(SkillsetsTest, TwoNamesOfALinkMustAgree) {
  EXPECT_EQ(post(base + "/create", {{"spaceId", "a"}, {"linkedSpaceId", "a"}}).status, 200);
  const Reply refused = post(base + "/create", {{"spaceId", "a"}, {"linkedSpaceId", "b"}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.message(), "spaceId and linkedSpaceId are two names of one value, but differ");
}

TEST_F(SkillsetsTest, AnAbilityIsFoundUnderItsOwnSkillsetOnly) {
  const std::string id = post(base + "/create", {{"name", "a"}}).id();
  const std::string other = post("/skillset/create").id();
  const std::string wrong = "/skillset/" + other + "/ability/" + id;
  EXPECT_EQ(get(wrong + "/fetch").status, 404);
  EXPECT_EQ(post(wrong + "/update").status, 404);
  EXPECT_EQ(post(wrong + "/delete").status, 404);
  EXPECT_TRUE(get("/skillset/" + other + "/ability/list").items().empty());
  EXPECT_EQ(get(base + "/list").items().size(), 1U);
  EXPECT_EQ(get_as(other_account(), base + "/list").status, 403);
  EXPECT_EQ(get("/skillset/nothing/ability/list").message(), "Skillset not found");
}

TEST_F(SkillsetsTest, AbilitiesAreExportedAsCsv) {
  post(base + "/create", {{"name", "a"}});
  const Reply reply = get(base + "/export", "accept: text/csv\r\n");
  EXPECT_EQ(reply.header("content-type"), "text/csv; charset=utf-8");
  EXPECT_TRUE(reply.body.starts_with("\"id\",\"skillsetId\",")) << reply.body;
}

TEST_F(SkillsetsTest, ItsAbilitiesGoWithIt) {
  const std::string id = post(base + "/create", {{"alias", "look"}}).id();
  const std::string bot = post("/bot/create", {{"skillsetId", skillset}}).id();
  EXPECT_EQ(post("/skillset/" + skillset + "/delete").id(), skillset);
  EXPECT_EQ(get(base + "/" + id + "/fetch").status, 404);
  EXPECT_EQ(get("/bot/" + bot + "/fetch").at("skillsetId"), nullptr);

  const std::string next = post("/skillset/create").id();
  EXPECT_EQ(post("/skillset/" + next + "/ability/create", {{"alias", "look"}}).status, 200)
      << "the alias is free again";
}

TEST_F(SkillsetsTest, AnAliasOfARemovedSkillsetsAbilityIsFreeForAnUpdateToo) {
  const std::string next = post("/skillset/create").id();
  const std::string other = "/skillset/" + next + "/ability";
  const std::string id = post(other + "/create").id();
  for (int i = 0; i < 100; ++i) post(base + "/create", {{"alias", "a" + std::to_string(i)}});
  EXPECT_EQ(post(other + "/" + id + "/update", {{"alias", "a99"}}).status, 409);
  post("/skillset/" + skillset + "/delete");
  EXPECT_EQ(post(other + "/" + id + "/update", {{"alias", "a99"}}).status, 200);
}

TEST_F(SkillsetsTest, AbilityNamesAreCountedInCharacters) {
  std::string name;
  for (int i = 0; i < 256; ++i) name += "é";
  EXPECT_EQ(post(base + "/create", {{"name", name}}).status, 200);
  EXPECT_EQ(post(base + "/create", {{"name", name + "é"}}).message(),
            "name must be at most 256 characters");
}

TEST_F(SkillsetsTest, CanBeDisabled) {
  EXPECT_EQ(post("/skillset/" + skillset + "/update", {{"state", "disabled"}}).status, 200);
  EXPECT_EQ(get("/skillset/" + skillset + "/fetch").at("state"), "disabled");
  EXPECT_EQ(post("/skillset/" + skillset + "/update", {{"state", "disabeld"}}).text("hint"),
            "did you mean \"disabled\"?");
}

}  // namespace
}  // namespace bellpull
