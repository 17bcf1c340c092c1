// Idempotency-Key on create and invoke: done once, answered the same (api-contract.md 1.7).
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <future>
#include <ios>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "api/api.h"
#include "api/api_fixture_test.h"
#include "api/call.h"
#include "api/routes.h"
#include "base/task.h"
#include "http/http_server.h"
#include "http/response.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class IdempotencyTest : public ApiTest {
 protected:
  using ApiTest::ApiTest;

  static std::string keyed(std::string_view key) {
    return "content-type: application/json\r\nidempotency-key: " + std::string{key} + "\r\n";
  }
  Reply post_keyed(std::string_view path, std::string_view key, const json::object& body = {}) {
    return post_text(path, json::serialize(body), keyed(key));
  }
  std::size_t count(std::string_view path) { return get(path).items().size(); }
};

TEST_F(IdempotencyTest, ARepeatedCreateGetsTheFirstAnswerAndMakesNothing) {
  const Reply first = post_keyed("/contact/create", "k", {{"name", "Ann"}});
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.header("idempotent-replayed"), "");
  const Reply again = post_keyed("/contact/create", "k", {{"name", "Ann"}});
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("idempotent-replayed"), "true");
  EXPECT_NE(again.header("x-request-id"), first.header("x-request-id"));
  EXPECT_EQ(count("/contact/list"), 1);

  EXPECT_NE(post_keyed("/contact/create", "other", {{"name", "Ann"}}).id(), first.id());
  EXPECT_NE(post("/contact/create", {{"name", "Ann"}}).id(), first.id()) << "never by content";
}

// Every path of an endpoint that takes keys, with a body that it accepts.
TEST_F(IdempotencyTest, EveryCreateAndInvokeHonoursIt) {
  const std::string bot = post("/bot/create").id();
  const std::string trigger = post("/integration/trigger/create", {{"botId", bot}}).id();
  const std::string skillset = post("/skillset/create").id();
  const std::string conversation = post("/conversation/create").id();
  const std::string dataset = post("/dataset/create").id();
  const json::object message{{"type", "user"}, {"text", "Hello"}};
  const std::map<std::string, std::pair<std::string, json::object>> calls{
      {"/bot/create", {"/bot/create", {}}},
      {"/skillset/create", {"/skillset/create", {}}},
      {"/skillset/{skillsetId}/ability/create", {"/skillset/" + skillset + "/ability/create", {}}},
      {"/integration/trigger/create", {"/integration/trigger/create", {{"botId", bot}}}},
      {"/integration/trigger/{triggerIntegrationId}/invoke",
       {"/integration/trigger/" + trigger + "/invoke", {}}},
      {"/contact/create", {"/contact/create", {}}},
      {"/blueprint/create", {"/blueprint/create", {}}},
      {"/secret/create", {"/secret/create", {{"value", "x"}}}},
      {"/file/create", {"/file/create", {}}},
      {"/dataset/create", {"/dataset/create", {}}},
      {"/dataset/{datasetId}/record/create",
       {"/dataset/" + dataset + "/record/create", {{"text", "Hello"}}}},
      {"/conversation/create", {"/conversation/create", {{"messages", json::array{message}}}}},
      {"/conversation/{conversationId}/message/create",
       {"/conversation/" + conversation + "/message/create", message}},
      {"/token/create", {"/token/create", {}}},
      {"/account/create", {"/account/create", {{"name", "Shop"}}}}};
  for (const Routes::Endpoint& endpoint : api.routes().endpoints()) {
    if (!takes_key(endpoint.path)) continue;
    const auto call = calls.find(endpoint.path);
    if (call == calls.end()) {
      std::string any = endpoint.path;
      std::ranges::replace_if(any, [](char c) { return c == '{' || c == '}'; }, 'x');
      EXPECT_EQ(post(any).status, 501) << endpoint.path << " is built: add it to this test";
      continue;
    }
    const auto& [path, body] = call->second;
    const Reply first = post_keyed(path, "key", body);
    ASSERT_EQ(first.status, 200) << path << ": " << first.body;
    const Reply again = post_keyed(path, "key", body);
    EXPECT_EQ(again.body, first.body) << path;
    EXPECT_EQ(again.header("idempotent-replayed"), "true") << path;
  }
  EXPECT_EQ(count("/bot/list"), 2);
  EXPECT_EQ(count("/event/inbox/list"), 1) << "one invoke, one event";
  EXPECT_EQ(count("/conversation/" + conversation + "/message/list"), 1);
  EXPECT_EQ(count("/token/list"), 2);
}

TEST_F(IdempotencyTest, TheSameKeyWithAnotherBodyIsRefused) {
  const Reply first = post_keyed("/contact/create", "k", {{"name", "Ann"}});
  const Reply other = post_keyed("/contact/create", "k", {{"name", "Bob"}});
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.text("code"), "UNPROCESSABLE_ENTITY");
  EXPECT_NE(other.text("hint"), "");
  EXPECT_EQ(post_text("/contact/create", "{ \"name\" : \"Ann\" }", keyed("k")).id(), first.id())
      << "blanks do not make another body";
  EXPECT_EQ(count("/contact/list"), 1);
}

TEST_F(IdempotencyTest, AKeyBelongsToItsTokenAndPath) {
  const Reply first = post_keyed("/contact/create", "k");
  EXPECT_NE(post_keyed("/bot/create", "k").id(), first.id());
  token = post("/token/create").text("token");
  EXPECT_NE(post_keyed("/contact/create", "k").id(), first.id());
}

TEST_F(IdempotencyTest, BothPrefixesAreOnePath) {
  const Reply first = post_keyed("/contact/create", "k");
  for (const char* path :
       {"/v1/contact/create", "/v1/contact/create/", "/api/v1/contact/create/"}) {
    EXPECT_EQ(client().send("POST", path, auth() + keyed("k"), "{}").id(), first.id()) << path;
  }
}

TEST_F(IdempotencyTest, AKeyCountsForADay) {
  const Reply first = post_keyed("/contact/create", "k", {{"name", "Ann"}});
  clock.advance(24h - 1ms);
  EXPECT_EQ(post_keyed("/contact/create", "k", {{"name", "Ann"}}).id(), first.id());
  clock.advance(1ms);
  const Reply later = post_keyed("/contact/create", "k", {{"name", "Bob"}});
  EXPECT_EQ(later.status, 200) << later.body;
  EXPECT_NE(later.id(), first.id());
}

TEST_F(IdempotencyTest, ARefusedCallKeepsNothingAndCanBeMended) {
  EXPECT_EQ(post_keyed("/bot/create", "k", {{"alias", "NO"}}).status, 400);
  EXPECT_EQ(post_keyed("/bot/create", "k", {{"skillsetId", "skillset_missing"}}).status, 404);
  post("/bot/create", {{"alias", "taken"}});
  EXPECT_EQ(post_keyed("/bot/create", "k", {{"alias", "taken"}}).status, 409);
  const Reply mended = post_keyed("/bot/create", "k", {{"alias", "free"}});
  EXPECT_EQ(mended.status, 200) << mended.body;
  EXPECT_EQ(post_keyed("/bot/create", "k", {{"alias", "free"}}).id(), mended.id());
}

TEST_F(IdempotencyTest, TheAnswerStaysWhenWhatWasMadeIsGone) {
  const Reply first = post_keyed("/contact/create", "k");
  ASSERT_EQ(post("/contact/" + first.id() + "/delete").status, 200);
  EXPECT_EQ(post_keyed("/contact/create", "k").body, first.body);
  EXPECT_EQ(count("/contact/list"), 0);
}

TEST_F(IdempotencyTest, WhatIsNoKeyIsRefusedWhereItCountsAndIgnoredElsewhere) {
  for (const std::string& key : {std::string{}, std::string{"a b"}, std::string(256, 'k')}) {
    const Reply refused = post_keyed("/contact/create", key);
    EXPECT_EQ(refused.status, 400) << key;
    EXPECT_EQ(refused.message(), "Idempotency-Key must be 1 to 255 visible ASCII characters");
  }
  EXPECT_EQ(count("/contact/list"), 0);
  const std::string id = post("/contact/create").id();
  EXPECT_EQ(post_keyed("/contact/" + id + "/update", "a b").status, 200);
}

// A create that waits to be let go.
class Held {
 public:
  Held(HttpServer& server, Routes& routes) : gate_(server.context(0)) {
    gate_.expires_at(boost::asio::steady_timer::time_point::max());
    routes.post("/held/create", [this](Call call) { return create(std::move(call)); });
  }
  void await_entry() { entered_.get_future().wait(); }
  void release() {
    boost::asio::post(gate_.get_executor(), [this] { gate_.cancel(); });
  }

 private:
  Task<Response> create(Call call) {
    entered_.set_value();
    co_await gate_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return call.reply(json::object{});
  }

  boost::asio::steady_timer gate_;
  std::promise<void> entered_;
};

TEST_F(IdempotencyTest, AKeyInFlightIsAConflict) {
  Held held{*server, api.routes()};
  auto first = std::async(std::launch::async, [&] { return post_keyed("/held/create", "k"); });
  held.await_entry();

  const Reply refused = post_keyed("/held/create", "k");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.text("code"), "CONFLICT");
  EXPECT_EQ(post_keyed("/contact/create", "k").status, 200) << "of another path, it is another key";

  held.release();
  EXPECT_EQ(first.get().status, 200);
}

TEST_F(IdempotencyTest, ManyAtOnceMakeOne) {
  const std::string bot = post("/bot/create").id();
  std::vector<std::future<Reply>> calls;
  for (int i = 0; i < 8; ++i) {
    calls.push_back(std::async(std::launch::async, [&] {
      return post_keyed("/integration/trigger/create", "k", {{"botId", bot}});
    }));
  }
  std::string made;
  for (auto& call : calls) {
    const Reply reply = call.get();
    if (reply.status == 409) continue;
    ASSERT_EQ(reply.status, 200) << reply.body;
    if (made.empty()) made = reply.body;
    EXPECT_EQ(reply.body, made);
  }
  EXPECT_NE(made, "");
  EXPECT_EQ(count("/integration/trigger/list"), 1);
}

TEST_F(IdempotencyTest, NothingOfAnAnswerOrABodyIsReadableOnDisk) {
  const std::string bot = post("/bot/create").id();
  const std::string secret =
      post_keyed("/integration/trigger/create", "k1", {{"botId", bot}}).text("secret");
  const std::string made = post_keyed("/token/create", "k2").text("token");
  ASSERT_EQ(secret.size(), 64);
  store.stop();
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    std::ifstream file{entry.path(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
    EXPECT_EQ(bytes.find(secret), std::string::npos) << entry.path();
    EXPECT_EQ(bytes.find(made.substr(3)), std::string::npos) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 0);
}

TEST_F(IdempotencyTest, AKeyIsNotKeptAsItWasGiven) {
  const std::string key = "ann@example.com";
  const std::string first = post_keyed("/contact/create", key).id();
  EXPECT_EQ(post_keyed("/contact/create", key).id(), first);
  store.stop();
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    std::ifstream file{entry.path(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
    EXPECT_EQ(bytes.find(key), std::string::npos) << entry.path();
  }
}

class FullIdempotencyTest : public IdempotencyTest {
 protected:
  FullIdempotencyTest() : IdempotencyTest(ApiSettings{.keys = {.account_bytes = 2'000}}) {}
};

TEST_F(FullIdempotencyTest, AnAccountThatKeepsTooMuchIsRefusedAndMakesNothing) {
  int made = 0;
  Reply reply;
  while (made < 20) {
    reply = post_keyed("/contact/create", "key" + std::to_string(made));
    if (reply.status != 200) break;
    ++made;
  }
  EXPECT_GE(made, 3);
  EXPECT_EQ(reply.status, 429) << reply.body;
  EXPECT_EQ(reply.header("retry-after"), "1");
  EXPECT_EQ(count("/contact/list"), static_cast<std::size_t>(made));
  EXPECT_EQ(post_keyed("/contact/create", "key0").header("idempotent-replayed"), "true");
  EXPECT_EQ(post("/contact/create").status, 200) << "without a key nothing is kept";
  token = other_account();
  EXPECT_EQ(post_keyed("/contact/create", "key").status, 200) << "another account has its own room";
}

}  // namespace
}  // namespace bellpull
