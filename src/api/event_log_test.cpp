#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "base/result.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

// A subscription over a connection of its own, read line by line.
class Subscriber {
 public:
  Subscriber(std::uint16_t port, const std::string& head, const std::string& body) {
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
    const std::string request =
        "POST /api/v1/event/log/subscribe HTTP/1.1\r\nHost: test\r\n" + head +
        "content-type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
    boost::asio::write(socket_, boost::asio::buffer(request));
    const std::size_t end = boost::asio::read_until(socket_, buffer(), "\r\n\r\n");
    head_ = text_.substr(0, end);
    text_.erase(0, end);
  }

  const std::string& head() const { return head_; }
  // The next line that has a type; chunk sizes and blank lines are passed.
  std::string line() {
    while (true) {
      const std::size_t end = boost::asio::read_until(socket_, buffer(), "\n");
      std::string line = text_.substr(0, end);
      text_.erase(0, end);
      if (line.starts_with('{') || line.starts_with("event:") || line.starts_with("data:")) {
        return line;
      }
    }
  }
  json::object next() { return json::parse(line()).as_object(); }

 private:
  boost::asio::dynamic_string_buffer<char, std::char_traits<char>, std::allocator<char>> buffer() {
    return boost::asio::dynamic_buffer(text_);
  }

  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_{io_};
  std::string text_;
  std::string head_;
};

class EventLogTest : public ApiTest {
 protected:
  json::array log(const std::string& query = "") { return get("/event/log/list" + query).items(); }
  static std::vector<std::string> types(const json::array& items) {
    std::vector<std::string> names;
    for (const json::value& item : items) names.emplace_back(item.at("type").as_string());
    return names;
  }
  Subscriber subscribe(const std::string& body, const std::string& head = "") {
    return Subscriber{port, auth() + head, body};
  }
  using Types = std::vector<std::string>;
};

TEST_F(EventLogTest, EveryChangeOfAResourceIsThereWithWhoMadeIt) {
  const std::string bot = post("/bot/create", {{"name", "Clerk"}}).id();
  post("/bot/" + bot + "/update", {{"name", "Chief"}, {"description", "d"}});
  post("/bot/" + bot + "/clone");
  post("/bot/" + bot + "/delete");
  const json::array items = log();
  ASSERT_EQ(types(items), (Types{"bot.delete", "bot.create", "bot.update", "bot.create"}));
  EXPECT_EQ(items[3].at("botId"), bot.c_str());
  EXPECT_EQ(items[0].at("botId"), bot.c_str()) << "a reference stays when its target is gone";
  EXPECT_EQ(items[2].at("name"), "Chief");
  EXPECT_EQ(items[2].at("meta").at("fields"), (json::array{"name", "description"}));
  const std::string token_id{get("/token/list").items().at(0).at("id").as_string()};
  EXPECT_EQ(items[2].at("meta").at("tokenId"), token_id.c_str());
  EXPECT_TRUE(items[2].at("meta").at("requestId").as_string().starts_with("req_"));
}

TEST_F(EventLogTest, WhatHasNoCreateUpdateOrDeleteOfItsOwnIsThereToo) {
  const std::string bot = post("/bot/create", {{"name", "b"}}).id();
  const std::string trigger =
      "/integration/trigger/" +
      post("/integration/trigger/create", {{"name", "t"}, {"botId", bot}}).id();
  const std::string dataset = post("/dataset/create", {{"name", "d"}}).id();
  const std::string file = post("/file/create", {{"name", "f"}}).id();
  const std::string contact = post("/contact/create", {{"name", "Ann"}}).id();
  const std::string secret =
      post("/secret/create", {{"name", "s"}, {"kind", "personal"}, {"type", "bearer"}}).id();
  const std::string blueprint = post("/blueprint/create", {{"name", "p"}}).id();
  post("/bot/" + bot + "/update", {{"blueprintId", blueprint}});
  const std::size_t before = log("?take=100").size();

  post(trigger + "/pause");
  post(trigger + "/resume");
  post(trigger + "/secret/rotate");
  post(trigger + "/secret/reveal");
  post("/dataset/" + dataset + "/search", {{"search", "x"}});
  post("/file/" + file + "/upload", {{"file", "data:text/plain,Open"}});
  post("/dataset/" + dataset + "/file/" + file + "/attach", {{"type", "source"}});
  post("/contact/" + contact + "/secret/" + secret + "/update", {{"value", "v"}});
  post("/secret/" + secret + "/revoke");
  post("/event/inbox/bulk/cancel", {{"filter", {{"state", "dead"}}}});
  post("/blueprint/" + blueprint + "/clone");
  post("/blueprint/" + blueprint + "/delete");

  json::array items = log("?take=100&order=asc");
  items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(before));
  EXPECT_EQ(
      types(items),
      (Types{"integration.trigger.pause", "integration.trigger.resume",
             "integration.trigger.secret.rotate", "integration.trigger.secret.reveal",
             "dataset.search", "file.update", "dataset.file.attach", "secret.update",
             "secret.revoke", "job.create", "blueprint.create", "bot.create", "blueprint.delete"}));
  EXPECT_EQ(items[4].at("meta").at("found"), 0);
  EXPECT_EQ(items[6].at("fileId"), file.c_str());
  EXPECT_EQ(items[7].at("contactId"), contact.c_str());
}

TEST_F(EventLogTest, AnItemHasEveryKeyOfTheContract) {
  post("/skillset/create", {{"name", "S"}});
  json::object item = log().at(0).as_object();
  Types keys;
  for (const auto& member : item) keys.emplace_back(member.key());
  EXPECT_EQ(keys, (Types{"id",
                         "name",
                         "description",
                         "type",
                         "conversationId",
                         "taskId",
                         "contactId",
                         "blueprintId",
                         "botId",
                         "datasetId",
                         "recordId",
                         "skillsetId",
                         "abilityId",
                         "fileId",
                         "secretId",
                         "portalId",
                         "triggerIntegrationId",
                         "meta",
                         "createdAt",
                         "updatedAt"}));
  EXPECT_EQ(item.at("createdAt"), "2026-01-01T00:00:00.000Z");
}

TEST_F(EventLogTest, WhatHandlersOfTheirOwnDoIsThereToo) {
  const std::string bot = post("/bot/create").id();
  const std::string trigger =
      post("/integration/trigger/create", {{"name", "t"}, {"botId", bot}}).id();
  post("/integration/trigger/" + trigger + "/setup");
  post("/integration/trigger/" + trigger + "/invoke");
  const std::string contact = post("/contact/ensure", {{"email", "ann@example.com"}}).id();
  post("/contact/ensure", {{"email", "ann@example.com"}});
  const std::string conversation =
      post("/conversation/create",
           {{"contactId", contact},
            {"messages", json::array{json::object{{"type", "user"}, {"text", "hi"}}}}})
          .id();
  const std::string base = "/conversation/" + conversation + "/message";
  const std::string message = post(base + "/create", {{"type", "bot"}, {"text", "hello"}}).id();
  post(base + "/" + message + "/update", {{"text", "hello!"}});
  post(base + "/" + message + "/delete");
  post("/token/create", {{"name", "t"}});
  post("/usage/price/set", {{"model", "m"}, {"inputMicros", 1}, {"outputMicros", 1}});
  const std::string account = post("/account/create", {{"name", "other"}}).id();
  post("/account/" + account + "/disable");

  const json::array items = log("?order=asc");
  EXPECT_EQ(types(items),
            (Types{"bot.create", "integration.trigger.create", "integration.trigger.setup",
                   "integration.trigger.invoke", "contact.create", "conversation.create",
                   "message.create", "message.create", "message.update", "message.delete",
                   "token.create", "price.create", "account.create", "account.disable"}));
  EXPECT_EQ(items[3].at("triggerIntegrationId"), trigger.c_str());
  EXPECT_EQ(items[3].at("botId"), bot.c_str());
  EXPECT_TRUE(items[3].at("meta").at("eventId").as_string().starts_with("event_"));
  EXPECT_EQ(items[8].at("conversationId"), conversation.c_str());
  EXPECT_EQ(items[8].at("contactId"), contact.c_str());
  EXPECT_EQ(items[8].at("meta").at("messageId"), message.c_str());
  EXPECT_EQ(items[13].at("meta").at("subjectId"), account.c_str());
}

TEST_F(EventLogTest, WhatIsRefusedOrUndoneIsNotThere) {
  post("/bot/create", {{"name", 7}});
  post("/bot/create", {{"alias", "a"}});
  post("/bot/create", {{"alias", "a"}});
  EXPECT_EQ(log().size(), 1U);
}

TEST_F(EventLogTest, IsFilteredByTypeReferencesAndMeta) {
  const std::string bot = post("/bot/create", {{"name", "a"}}).id();
  post("/bot/create", {{"name", "b"}});
  post("/skillset/create");
  EXPECT_EQ(log("?type=bot.create").size(), 2U);
  EXPECT_EQ(log("?type=bot.create,skillset.create").size(), 3U);
  EXPECT_EQ(log("?botId=" + bot).size(), 1U);
  EXPECT_TRUE(log("?botId=bot_x").empty());
  for (const std::string nothing :
       {"taskId", "portalId", "slackIntegrationId", "emailIntegrationId"}) {
    EXPECT_TRUE(log("?" + nothing + "=x").empty()) << nothing;
    EXPECT_EQ(log("?" + nothing + "=").size(), 3U) << "an empty value is no filter";
  }
  EXPECT_EQ(
      log("?meta.tokenId=" + std::string{get("/token/list").items().at(0).at("id").as_string()})
          .size(),
      3U);
  EXPECT_TRUE(get_as(other_account(), "/event/log/list").items().empty());
}

TEST_F(EventLogTest, NoPersonsNameIsInIt) {
  post("/contact/create", {{"name", "Ann Lee"}, {"email", "ann@example.com"}});
  EXPECT_EQ(get("/event/log/list").body.find("Ann"), std::string::npos);
}

TEST_F(EventLogTest, IsExportedAsCsv) {
  post("/bot/create", {{"name", "a"}});
  const Reply csv = get("/event/log/export", "accept: text/csv\r\n");
  EXPECT_EQ(csv.header("content-type"), "text/csv; charset=utf-8");
  EXPECT_TRUE(csv.body.starts_with(R"("id","name","description","type",)"));
}

TEST_F(EventLogTest, ASubscriberGetsTheNewestOldestFirstAndThenWhatComes) {
  post("/bot/create", {{"name", "one"}});
  post("/bot/create", {{"name", "two"}});
  post("/bot/create", {{"name", "three"}});
  Subscriber subscriber = subscribe(R"({"historyLength":2})");
  EXPECT_NE(subscriber.head().find("application/jsonl"), std::string::npos);
  EXPECT_EQ(subscriber.next().at("type"), "nop");
  EXPECT_EQ(subscriber.next().at("data").at("name"), "two");
  EXPECT_EQ(subscriber.next().at("data").at("name"), "three");
  const std::string other = other_account();
  post_as(other, "/bot/create", {{"name", "not mine"}});
  EXPECT_EQ(subscriber.next().at("data").at("type"), "account.create");
  post("/bot/create", {{"name", "four"}});
  const json::object live = subscriber.next();
  EXPECT_EQ(live.at("type"), "item");
  EXPECT_EQ(live.at("data").at("name"), "four");
  EXPECT_EQ(live.at("data"), log().at(0));
}

TEST_F(EventLogTest, WithoutAHistoryOnlyWhatComesIsSent) {
  post("/bot/create", {{"name", "one"}});
  Subscriber subscriber = subscribe("{}", "accept: text/event-stream\r\n");
  EXPECT_EQ(subscriber.line(), "event: nop\n");
  EXPECT_EQ(subscriber.line(), "data: {}\n");
  post("/bot/create", {{"name", "two"}});
  EXPECT_EQ(subscriber.line(), "event: item\n");
  EXPECT_NE(subscriber.line().find(R"("name":"two")"), std::string::npos);
}

TEST_F(EventLogTest, ALongHistoryIsReadPageByPage) {
  for (int i = 0; i < 250; ++i) post("/bot/create", {{"name", std::to_string(i)}});
  Subscriber subscriber = subscribe(R"({"historyLength":230})");
  EXPECT_EQ(subscriber.next().at("type"), "nop");
  for (int i = 20; i < 250; ++i) {
    EXPECT_EQ(subscriber.next().at("data").at("name"), std::to_string(i).c_str());
  }
}

TEST_F(EventLogTest, ASubscriberWhoseTokenMayNoLongerReadGetsNothingMore) {
  const auto reads_on = [&](const std::string& path, const json::object& body) {
    const Reply made = post("/token/create", {{"name", "reader"}});
    Subscriber subscriber{port, auth(made.text("token")), "{}"};
    subscriber.next();  // It is there.
    EXPECT_EQ(post("/token/" + made.id() + path, body).status, 200);
    post("/bot/create", {{"name", "after"}});
    // What took the right away may still be told; what came after it, not.
    json::object line = subscriber.next();
    while (line.at("type") == "item") {
      EXPECT_FALSE(line.at("data").at("type") == "bot.create");
      line = subscriber.next();
    }
    return std::string{line.at("data").at("code").as_string()};
  };
  EXPECT_EQ(reads_on("/delete", {}), "NOT_AUTHENTICATED");
  EXPECT_EQ(reads_on("/update", {{"scopes", {"write"}}}), "NOT_AUTHORIZED");
  EXPECT_EQ(reads_on("/update", {{"scopes", {"read"}}}), "NOT_AUTHORIZED") << "it showed secrets";
}

TEST_F(EventLogTest, ASubscriptionEndsWithItsTokensTimeAndItsAccount) {
  const Reply brief = post("/token/create", {{"expiresAt", "2026-01-01T00:01:00Z"}});
  Subscriber expired{port, auth(brief.text("token")), "{}"};
  expired.next();
  clock.advance(std::chrono::minutes{1});
  post("/bot/create", {{"name", "after"}});
  EXPECT_EQ(expired.next().at("type"), "error");

  const Reply other = post("/account/create", {{"name", "other"}});
  Subscriber locked_out{port, auth(other.text("token")), "{}"};
  locked_out.next();
  EXPECT_EQ(post("/account/" + other.id() + "/disable").status, 200);
  ASSERT_TRUE(await(store.transact([&](Transaction& rows) -> Result<void> {
    LogItem item{.account = AccountId::parse(other.id())->key, .type = "bot.create"};
    rows.log().add(item);
    return {};
  })));
  EXPECT_EQ(locked_out.next().at("data").at("code"), "NOT_AUTHENTICATED");
}

TEST_F(EventLogTest, AnAccountHasSoManySubscribersAndTheNextIsTold) {
  std::list<Subscriber> subscribers;
  for (int i = 0; i < 50; ++i) subscribers.emplace_back(port, auth(), "{}");
  const Reply refused = post("/event/log/subscribe");
  EXPECT_EQ(refused.status, 429);
  EXPECT_FALSE(refused.header("retry-after").empty());
  const std::string other = other_account();
  EXPECT_EQ(Subscriber(port, auth(other), "{}").next().at("type"), "nop");
  EXPECT_EQ(post("/event/log/subscribe", {{"historyLength", 10'001}}).status, 400);
}

}  // namespace
}  // namespace bellpull
