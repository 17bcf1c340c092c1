#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"

namespace bellpull {
namespace {

using testing::ElementsAre;

class ConversationsTest : public ApiTest {
 protected:
  std::string conversation = post("/conversation/create", {{"name", "talk"}}).id();
  std::string messages = "/conversation/" + conversation + "/message";

  std::string say(const std::string& text) {
    return post(messages + "/create", {{"type", "user"}, {"text", text}}).id();
  }
  std::vector<std::string> texts(const std::string& query = "") {
    std::vector<std::string> found;
    for (const json::value& item : get(messages + "/list" + query).items()) {
      found.emplace_back(item.at("text").as_string());
    }
    return found;
  }
};

TEST_F(ConversationsTest, IsFetchedWithEveryField) {
  EXPECT_EQ(
      get("/conversation/" + conversation + "/fetch").body,
      R"({"id":")" + conversation +
          R"(","name":"talk","description":"","contactId":null,"taskId":null,)"
          R"("spaceId":null,"botId":null,"model":null,"backstory":null,"datasetId":null,)"
          R"("skillsetId":null,"privacy":false,"moderation":false,"expiresAt":null,"meta":{},)"
          R"("createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z"})");
}

TEST_F(ConversationsTest, StartsWithTheMessagesOfItsBodyAndEchoesThem) {
  const Reply created = post(
      "/conversation/create",
      {{"messages", {{{"type", "user"}, {"text", "hi"}}, {{"type", "bot"}, {"text", "hello"}}}}});
  ASSERT_EQ(created.status, 200) << created.body;
  const json::array echo = created.at("messages").as_array();
  ASSERT_EQ(echo.size(), 2U);
  EXPECT_EQ(echo[1].at("text"), "hello");
  messages = "/conversation/" + created.id() + "/message";
  EXPECT_THAT(texts(), ElementsAre("hi", "hello"));
  EXPECT_EQ(get(messages + "/list").items().at(0).at("id"), echo[0].at("id"));
}

TEST_F(ConversationsTest, ItsMessagesAreFilteredByMetaBeyondTheFirstHundred) {
  for (int i = 0; i < 120; ++i) {
    const bool is_red = i == 3 || i == 4 || i == 115;
    post(messages + "/create",
         {{"type", "user"},
          {"text", std::to_string(i)},
          {"meta", {{"color", is_red ? "red" : "blue"}, {"deep", {{"n", i}, {"half", i / 2.0}}}}}});
  }
  EXPECT_THAT(texts("?meta.color=red"), ElementsAre("3", "4", "115"));
  EXPECT_THAT(texts("?meta.color=red&order=desc&take=2"), ElementsAre("115", "4"));
  const std::string cursor = get(messages + "/list?meta.color=red&take=1").text("cursor");
  EXPECT_THAT(texts("?meta.color=red&take=1&cursor=" + cursor), ElementsAre("4"));
  EXPECT_THAT(texts("?meta.deep.n=7"), ElementsAre("7"));
  EXPECT_THAT(texts("?meta.deep.half=1.5"), ElementsAre("3"));
  EXPECT_THAT(texts("?meta.color=red&meta.deep.n=4"), ElementsAre("4"));
  EXPECT_THAT(texts("?meta.color.red=x"), ElementsAre());
}

TEST_F(ConversationsTest, ABadFirstMessageMakesNoConversation) {
  const std::size_t before = get("/conversation/list").items().size();
  const Reply refused =
      post("/conversation/create",
           {{"messages", {{{"type", "user"}, {"text", "hi"}}, {{"type", "usr"}, {"text", "x"}}}}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_TRUE(refused.message().starts_with("messages[1]: type must be \"user\",")) << refused.body;
  EXPECT_EQ(refused.text("hint"), "did you mean \"user\"?");
  EXPECT_EQ(get("/conversation/list").items().size(), before);
}

TEST_F(ConversationsTest, AnObjectInPlaceOfTheContactEnsuresIt) {
  const json::object ann{{"fingerprint", "ann-0123456789ab"}, {"name", "Ann"}};
  const std::string one = post("/conversation/create", {{"contactId", ann}}).id();
  const std::string two = post("/conversation/create", {{"contact", ann}}).id();
  const std::string contact = get("/conversation/" + one + "/fetch").text("contactId");
  EXPECT_EQ(get("/conversation/" + two + "/fetch").text("contactId"), contact);
  EXPECT_EQ(get("/contact/" + contact + "/fetch").at("name"), "Ann");
  EXPECT_EQ(post("/conversation/create", {{"contactId", "contact_x"}}).message(),
            "Contact not found");
  EXPECT_EQ(post("/conversation/create", {{"contact", contact}}).message(),
            "contact must be an object");
  EXPECT_EQ(post("/conversation/create", {{"contact", nullptr}}).status, 200);
}

TEST_F(ConversationsTest, IsListedByBotContactAndMeta) {
  const std::string bot = post("/bot/create").id();
  const std::string mine =
      post("/conversation/create",
           {{"botId", bot}, {"meta", {{"app", "trigger"}, {"trigger", {{"integrationId", "t1"}}}}}})
          .id();
  for (const std::string& query : {"botId=" + bot, std::string{"meta.trigger.integrationId=t1"}}) {
    const json::array found = get("/conversation/list?" + query).items();
    ASSERT_EQ(found.size(), 1U) << query;
    EXPECT_EQ(found[0].at("id"), mine.c_str());
  }
}

TEST_F(ConversationsTest, MessagesAreOldestFirstUnlessAskedOtherwise) {
  say("one");
  say("two");
  say("three");
  EXPECT_THAT(texts(), ElementsAre("one", "two", "three"));
  EXPECT_THAT(texts("?order=desc"), ElementsAre("three", "two", "one"));

  const std::string cursor = get(messages + "/list?take=2").text("cursor");
  EXPECT_THAT(texts("?take=2&cursor=" + cursor), ElementsAre("three"));
}

TEST_F(ConversationsTest, AMessageIsCreatedFetchedChangedAndRemoved) {
  clock.advance(std::chrono::seconds{1});
  const Reply created = post(messages + "/create", {{"type", "user"}, {"text", ""}});
  EXPECT_EQ(created.body, R"({"id":")" + created.id() + R"(","entities":[]})");
  EXPECT_EQ(get("/conversation/" + conversation + "/fetch").at("updatedAt"),
            "2026-01-01T00:00:01.000Z");

  const std::string one = messages + "/" + created.id();
  EXPECT_EQ(
      get(one + "/fetch").body,
      R"({"id":")" + created.id() +
          R"(","type":"user","text":"","name":"","description":"","meta":{},)"
          R"("createdAt":"2026-01-01T00:00:01.000Z","updatedAt":"2026-01-01T00:00:01.000Z"})");
  EXPECT_EQ(post(one + "/update", {{"text", "changed"}}).body,
            R"({"id":")" + created.id() + R"("})");
  EXPECT_EQ(get(one + "/fetch").at("text"), "changed");
  EXPECT_EQ(post(one + "/delete").id(), created.id());
  EXPECT_EQ(get(one + "/fetch").status, 404);
}

TEST_F(ConversationsTest, AMessageNeedsATypeAndAText) {
  EXPECT_EQ(post(messages + "/create").message(), "type is required; text is required");
  EXPECT_EQ(post(messages + "/create", {{"type", "user"}, {"text", 1}}).message(),
            "text must be a string");
}

TEST_F(ConversationsTest, AnActivityNamesItsFunction) {
  const auto create = [&](const json::object& activity) {
    return post(messages + "/create",
                {{"type", "activity"}, {"text", ""}, {"meta", {{"activity", activity}}}});
  };
  EXPECT_EQ(create({{"type", "request"}, {"function", {{"name", "f"}}}}).status, 200);
  EXPECT_EQ(create({{"type", "other"}, {"function", {{"name", "f"}}}}).status, 400);
  EXPECT_EQ(create({{"type", "request"}}).status, 400);
  EXPECT_EQ(post(messages + "/create", {{"type", "activity"}, {"text", ""}}).status, 400);
}

TEST_F(ConversationsTest, AMessageIsFoundInItsOwnConversationOnly) {
  const std::string id = say("mine");
  const std::string other = post("/conversation/create").id();
  EXPECT_EQ(get("/conversation/" + other + "/message/" + id + "/fetch").message(),
            "Message not found");
  const std::string stranger = other_account();
  EXPECT_EQ(get_as(stranger, messages + "/" + id + "/fetch").status, 403)
      << "the conversation in the path is another's";
  EXPECT_EQ(get_as(stranger, messages + "/list").status, 403);
}

TEST_F(ConversationsTest, ItsMessagesGoWithIt) {
  const std::string id = say("mine");
  EXPECT_EQ(post("/conversation/" + conversation + "/delete").id(), conversation);
  EXPECT_EQ(get("/conversation/" + conversation + "/fetch").status, 404);
  EXPECT_EQ(get(messages + "/" + id + "/fetch").status, 404);
  EXPECT_EQ(get(messages + "/list").status, 404);
}

TEST_F(ConversationsTest, CompletionIsNotBuiltYet) {
  EXPECT_EQ(post("/conversation/complete").status, 501);
  EXPECT_EQ(post("/conversation/" + conversation + "/complete").status, 501);
}

TEST_F(ConversationsTest, IsExportedAsJsonLinesWithAllItsMessages) {
  const std::string id = post("/conversation/create", {{"name", "Orders"}}).id();
  for (int i = 0; i < 120; ++i) {
    post("/conversation/" + id + "/message/create",
         {{"type", "user"}, {"text", std::to_string(i)}});
  }
  const Reply file = get("/conversation/" + id + "/export");
  EXPECT_EQ(file.header("content-type"), "application/jsonl; charset=utf-8");
  EXPECT_EQ(file.header("content-disposition"), "attachment; filename=\"" + id + ".jsonl\"");
  EXPECT_EQ(std::ranges::count(file.body, '\n'), 121);
  EXPECT_TRUE(file.body.starts_with(R"({"type":"conversation","data":{"id":")" + id));
  EXPECT_NE(file.body.find(R"("text":"119")"), std::string::npos);
}

TEST_F(ConversationsTest, ListsOfLargeMessagesEndWithTheirBytesAndSayThatTheyArePartial) {
  const std::string text(1'000'000, 'x');
  for (int i = 0; i < 12; ++i) {
    ASSERT_EQ(post(messages + "/create", {{"type", "user"}, {"text", text}}).status, 200);
  }
  std::size_t seen = 0;
  int pages = 0;
  std::string cursor;
  while (true) {
    const Reply page = get(messages + "/list?cursor=" + cursor);
    if (page.items().empty()) break;
    EXPECT_LE(page.body.size(), 6'000'000);
    EXPECT_EQ(page.body.contains(R"("partial":true)"), seen + page.items().size() < 12);
    seen += page.items().size();
    cursor = page.text("cursor");
    ++pages;
  }
  EXPECT_EQ(seen, 12);
  EXPECT_EQ(pages, 3);
  const std::string lines = get(messages + "/list", "accept: application/jsonl\r\n").body;
  EXPECT_EQ(std::ranges::count(lines, '\n'), 12);
  const std::string first = get(messages + "/list?take=7", "accept: application/jsonl\r\n").body;
  EXPECT_EQ(std::ranges::count(first, '\n'), 7);
  const std::string id = messages.substr(0, messages.rfind("/message"));
  EXPECT_EQ(std::ranges::count(get(id + "/export").body, '\n'), 13);
}

TEST_F(ConversationsTest, IsExportedAsMarkdownThatNoMessageCanBreak) {
  const std::string id = post("/conversation/create", {{"name", "A `b`"}}).id();
  post("/conversation/" + id + "/message/create",
       {{"type", "user"}, {"text", "hi\n```\n# not a heading"}});
  post("/conversation/" + id + "/message/create",
       {{"type", "activity"},
        {"text", ""},
        {"meta",
         {{"activity",
           {{"type", "request"}, {"function", {{"name", "f"}, {"arguments", json::object{}}}}}}}}});
  const std::string expected = "# Conversation `` A `b` ``\n\n- id: `" + id +
                               "`\n- created: 2026-01-01T00:00:00.000Z\n"
                               "\n## user\n\n2026-01-01T00:00:00.000Z\n"
                               "\n````text\nhi\n```\n# not a heading\n````\n"
                               "\n## activity\n\n2026-01-01T00:00:00.000Z\n\n```json\n"
                               R"({"type":"request","function":{"name":"f","arguments":{}}})"
                               "\n```\n";
  EXPECT_EQ(get("/conversation/" + id + "/export?format=markdown").body, expected);
  const Reply asked = get("/conversation/" + id + "/export", "accept: text/markdown\r\n");
  EXPECT_EQ(asked.header("content-type"), "text/markdown; charset=utf-8");
  EXPECT_EQ(asked.body, expected);
  EXPECT_EQ(get("/conversation/" + id + "/export?format=markdwn").text("hint"),
            "did you mean \"markdown\"?");
  EXPECT_EQ(get_as(other_account(), "/conversation/" + id + "/export").status, 403);
}

}  // namespace
}  // namespace bellpull
