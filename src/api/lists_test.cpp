// What holds for every list: pages, order, filters, and the streamed forms.
#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "api/list_lines.h"
#include "api/media.h"

namespace bellpull {
namespace {

class ListsTest : public ApiTest {
 protected:
  void add_bots(int count) {
    for (int i = 0; i < count; ++i) post("/bot/create", {{"name", "bot " + std::to_string(i)}});
  }

  std::vector<std::string> names(const std::string& query) {
    std::vector<std::string> found;
    const Reply reply = get("/bot/list" + query);
    EXPECT_EQ(reply.status, 200) << reply.body;
    for (const json::value& item : reply.items()) found.emplace_back(item.at("name").as_string());
    return found;
  }

  static std::vector<json::object> lines(const std::string& body) {
    std::vector<json::object> parsed;
    std::size_t at = 0;
    while (at < body.size()) {
      const std::size_t end = body.find('\n', at);
      EXPECT_NE(end, at) << "an empty line breaks clients";
      parsed.push_back(json::parse(body.substr(at, end - at)).as_object());
      at = end + 1;
    }
    return parsed;
  }
};

using testing::ElementsAre;

TEST_F(ListsTest, NewestFirstUnlessAskedOtherwise) {
  add_bots(3);
  EXPECT_THAT(names(""), ElementsAre("bot 2", "bot 1", "bot 0"));
  EXPECT_THAT(names("?order=asc"), ElementsAre("bot 0", "bot 1", "bot 2"));
  EXPECT_THAT(names("?order="), ElementsAre("bot 2", "bot 1", "bot 0"));
  EXPECT_EQ(get("/bot/list?order=up").status, 400);
}

TEST_F(ListsTest, AnEmptyListHasNoCursor) { EXPECT_EQ(get("/bot/list").body, R"({"items":[]})"); }

TEST_F(ListsTest, PagesVisitEachItemOnceWhileOthersComeAndGo) {
  add_bots(7);
  std::vector<std::string> visited;
  std::string cursor;
  for (int page = 0; page < 20; ++page) {
    const Reply reply = get("/bot/list?take=2&cursor=" + cursor);
    if (reply.items().empty()) break;
    for (const json::value& item : reply.items()) visited.emplace_back(item.at("name").as_string());
    cursor = reply.text("cursor");
    // The row the cursor was made from goes, and a new one comes.
    post("/bot/" + std::string{reply.items().back().at("id").as_string()} + "/delete");
    post("/bot/create", {{"name", "late"}});
  }
  EXPECT_THAT(visited, ElementsAre("bot 6", "bot 5", "bot 4", "bot 3", "bot 2", "bot 1", "bot 0"));
}

TEST_F(ListsTest, TakeIsClamped) {
  add_bots(3);
  EXPECT_EQ(names("?take=2").size(), 2U);
  EXPECT_EQ(names("?take=-5").size(), 1U);
  for (const char* query : {"?take=0", "?take=abc", "?take=", "?take=1000", "?take=2.5",
                            "?take=99999999999999999999"}) {
    EXPECT_EQ(names(query).size(), 3U) << query;
  }
}

TEST_F(ListsTest, ACursorOfNoListIsRefused) {
  EXPECT_EQ(get("/bot/list?cursor=garbage").status, 400);
  add_bots(1);
  const std::string of_bots = get("/bot/list").text("cursor");
  EXPECT_EQ(get("/skillset/list?cursor=" + of_bots).status, 400);
}

TEST_F(ListsTest, MetaIsFilteredInEitherSpellingAndAtAnyDepth) {
  post("/bot/create", {{"name", "a"}, {"meta", {{"tenant", "acme"}, {"n", 7}}}});
  post("/bot/create", {{"name", "b"}, {"meta", {{"tenant", "acme"}, {"on", true}}}});
  post("/bot/create", {{"name", "c"}, {"meta", {{"deep", {{"er", "x y"}}}}}});
  EXPECT_THAT(names("?meta.tenant=acme"), ElementsAre("b", "a"));
  EXPECT_THAT(names("?meta%5Btenant%5D=acme&meta.n=7"), ElementsAre("a"));
  EXPECT_THAT(names("?meta.on=true"), ElementsAre("b"));
  EXPECT_THAT(names("?meta.deep.er=x+y"), ElementsAre("c"));
  EXPECT_THAT(names("?meta[deep][er]=x%20y"), ElementsAre("c"));
  EXPECT_THAT(names("?meta.tenant=ACME"), ElementsAre());
  EXPECT_EQ(names("?meta.tenant=").size(), 3U) << "an empty value is no filter";
  EXPECT_EQ(names("?meta.deep=[object%20Object]").size(), 3U);
}

TEST_F(ListsTest, OnlyWhatIsReadOfAQueryMustBeText) {
  post("/bot/create", {{"name", "a"}, {"meta", {{"done", "100%"}}}});
  EXPECT_EQ(names("?utm=100%&x=%ff&take=%zz").size(), 1U);
  EXPECT_EQ(names("?meta.done=100%").size(), 1U);
  EXPECT_EQ(get("/bot/list?meta.done=%ff").status, 400);
  EXPECT_EQ(get("/bot/list?meta.%ff=x").status, 400);
  EXPECT_EQ(get("/contact/list?email=%ff").status, 400);
  EXPECT_EQ(get("/bot/list?cursor=%ff").status, 400);
  EXPECT_EQ(get("/bot/list?order=%ff").status, 400);
}

TEST_F(ListsTest, ItsFormsAreChosenByAccept) {
  add_bots(1);
  EXPECT_EQ(get("/bot/list", "accept: text/html\r\n").message(), "Unsupported accept header");
  EXPECT_EQ(get("/bot/list", "accept: text/html, */*;q=0.1\r\n").header("content-type"),
            "application/json; charset=utf-8");
  const std::string id{get("/bot/list").items().at(0).at("id").as_string()};
  EXPECT_EQ(get("/bot/" + id + "/fetch", "accept: application/jsonl\r\n").header("content-type"),
            "application/json; charset=utf-8");
}

TEST_F(ListsTest, LinesGoThroughAllPagesInAscii) {
  add_bots(204);
  post("/bot/create", {{"name", "Café 🛎"}});
  const Reply reply = get("/bot/list", "accept: application/jsonl\r\n");
  EXPECT_EQ(reply.header("content-type"), "application/jsonl; charset=utf-8");
  EXPECT_EQ(reply.header("cache-control"), "no-cache, no-transform");
  EXPECT_TRUE(std::ranges::all_of(reply.body, [](char c) { return (c & 0x80) == 0; }));

  const auto parsed = lines(reply.body);
  ASSERT_EQ(parsed.size(), 205U);
  std::set<std::string> ids;
  for (const json::object& line : parsed) {
    EXPECT_EQ(line.at("type"), "item");
    ids.emplace(line.at("data").at("id").as_string());
  }
  EXPECT_EQ(ids.size(), 205U);
  EXPECT_EQ(parsed.front().at("data").at("name"), "Café 🛎");
}

TEST_F(ListsTest, LinesEndAfterTakeAndStartAtTheCursor) {
  add_bots(5);
  const std::string cursor = get("/bot/list?take=1").text("cursor");
  const Reply reply = get("/bot/list?take=3&cursor=" + cursor, "accept: application/jsonl\r\n");
  const auto parsed = lines(reply.body);
  ASSERT_EQ(parsed.size(), 3U);
  EXPECT_EQ(parsed.front().at("data").at("name"), "bot 3");
}

TEST_F(ListsTest, AnEmptyStreamIsNoLineAtAll) {
  const Reply reply = get("/bot/list", "accept: application/jsonl\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
}

TEST_F(ListsTest, WhatIsWrongWithTheRequestIsAnOrdinaryError) {
  const Reply reply = get("/bot/list?cursor=x", "accept: application/jsonl\r\n");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.header("content-type"), "application/json; charset=utf-8");
}

TEST_F(ListsTest, EventsOfAnEventStreamCarryTheSameItems) {
  add_bots(1);
  const Reply reply = get("/bot/list", "accept: text/event-stream\r\n");
  EXPECT_EQ(reply.header("content-type"), "text/event-stream; charset=utf-8");
  EXPECT_TRUE(reply.body.starts_with("event: item\ndata: {\"id\":\"bot_")) << reply.body;
  EXPECT_TRUE(reply.body.ends_with("}\n\n"));
}

TEST_F(ListsTest, AFilterTakesAnAliasLikeAReferenceDoes) {
  const std::string bot = post("/bot/create", {{"alias", "sales"}}).id();
  const std::string trigger = post("/integration/trigger/create", {{"botId", "@sales"}}).id();
  const std::string conversation = post("/conversation/create", {{"botId", bot}}).id();
  post("/conversation/create");
  EXPECT_EQ(get("/integration/trigger/list?botId=@sales").items().at(0).at("id"), trigger.c_str());
  EXPECT_EQ(get("/conversation/list?botId=%40sales").items().size(), 1U);
  EXPECT_EQ(get("/conversation/list?botId=@nobody").items().size(), 0U);
  EXPECT_EQ(get("/conversation/list?botId=@nobody," + bot).items().at(0).at("id"),
            conversation.c_str());
  EXPECT_EQ(get("/event/log/list?botId=@sales&type=bot.create").items().size(), 1U);
  EXPECT_EQ(get_as(other_account(), "/conversation/list?botId=@sales").items().size(), 0U);
  post("/integration/trigger/" + trigger + "/invoke");
  post("/integration/trigger/" + trigger + "/update", {{"alias", "orders"}});
  EXPECT_EQ(get("/event/inbox/list?triggerId=@orders").items().size(), 1U);
  EXPECT_EQ(get("/event/inbox/count?triggerId=@orders").at("count"), 1);
}

TEST_F(ListsTest, NoCellOfACsvIsAFormula) {
  for (const char* name : {"=HYPERLINK(\"http://x\")", "+1+2", "-a", "@SUM(A1)"}) {
    EXPECT_EQ(post("/contact/create", {{"nick", name}}).status, 200);
  }
  post("/contact/create", {{"nick", "-5.5"}, {"phone", "+4791234567"}});
  const std::string csv = get("/contact/export", "accept: text/csv\r\n").body;
  for (const char* cell :
       {"\"'=HYPERLINK(", "\"'+1+2\"", "\"'-a\"", "\"'@SUM(A1)\"", "\"-5.5\"", "\"+4791234567\""}) {
    EXPECT_NE(csv.find(cell), std::string::npos) << cell << csv;
  }
  const json::object blanks{{"a", "\t=1"}, {"b", "\r=1"}, {"c", -1}, {"d", ""}};
  EXPECT_EQ(list_line(ListForm::csv, blanks), "\"'\t=1\",\"'\r=1\",\"-1\",\"\"\r\n");
}

TEST_F(ListsTest, CsvHasAColumnPerKeyAndQuotesEverything) {
  post("/bot/create", {{"name", "say \"hi\", ok"}, {"meta", {{"a", 1}}}});
  const Reply reply = get("/bot/list", "accept: text/csv\r\n");
  EXPECT_EQ(reply.header("content-type"), "text/csv; charset=utf-8");
  EXPECT_TRUE(reply.body.starts_with(R"("id","alias","name","description",)")) << reply.body;
  EXPECT_NE(reply.body.find(R"(,"","say ""hi"", ok","",)"), std::string::npos) << reply.body;
  EXPECT_NE(reply.body.find(R"("{""a"":1}")"), std::string::npos) << reply.body;
}

}  // namespace
}  // namespace bellpull
