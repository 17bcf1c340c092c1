// Trying abilities out over the API: the real bench and real actions, on an executor of their own.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "action/abort.h"
#include "action/action.h"
#include "action/echo.h"
#include "action/shape.h"
#include "api/api_fixture_test.h"
#include "api/bench_thread_test.h"
#include "base/task.h"

namespace bellpull {
namespace {

using testing::HasSubstr;

// Waits until it is let go, or cut off; says what it was called with.
class HeldAction final : public Action {
 public:
  const ActionShape& shape() const override {
    static const ActionShape shape{.main = "text"};
    return shape;
  }
  bool is_idempotent(const ActionRequest&) const override { return false; }
  Task<ActionOutcome> execute(ActionRequest request) override {
    boost::asio::steady_timer pause{co_await boost::asio::this_coro::executor};
    ++running;
    const Leave leave{*this};
    while (is_held) {
      pause.expires_after(std::chrono::milliseconds{1});
      co_await pause.async_wait(boost::asio::use_awaitable);
    }
    boost::json::object result{{"key", request.idempotency_key}};
    if (const auto& contact = request.context.contact) result["contact"] = contact->text();
    co_return ActionOutcome{.result = std::move(result)};
  }

  std::atomic<bool> is_held = false;
  std::atomic<int> running = 0;
  std::atomic<int> left = 0;

 private:
  struct Leave {
    HeldAction& action;
    ~Leave() {
      --action.running;
      ++action.left;
    }
  };
};

// Asks a model, as bot/ask does.
class AskingAction final : public Action {
 public:
  const ActionShape& shape() const override {
    static const ActionShape shape{.main = "text"};
    return shape;
  }
  bool is_idempotent(const ActionRequest&) const override { return true; }
  Task<ActionOutcome> execute(ActionRequest) override {
    ActionOutcome outcome{.result = "four"};
    outcome.model_calls.push_back({.model = "wise", .input_tokens = 10, .output_tokens = 3});
    co_return outcome;
  }
};

// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): only GoogleTest destroys it
class AbilityExecutionTest : public ApiTest {
 protected:
  AbilityExecutionTest() {
    auto made = std::make_unique<HeldAction>();
    held = made.get();
    caller.actions.add("held", std::move(made));
    caller.actions.add("ask", std::make_unique<AskingAction>());
    caller.actions.add("echo", std::make_unique<EchoAction>());
    caller.actions.add("abort/failure", std::make_unique<AbortAction>(Settlement::failure));
    skillset = post("/skillset/create", {{"name", "skills"}}).id();
  }

  std::string ability(std::string_view instruction, std::string_view name = "try me") {
    return post("/skillset/" + skillset + "/ability/create",
                {{"name", name}, {"instruction", instruction}})
        .id();
  }
  std::string path(const std::string& of) const {
    return "/skillset/" + skillset + "/ability/" + of + "/execute";
  }
  Reply execute(const std::string& of, const json::object& body = {}) {
    return post(path(of), body);
  }
  std::vector<json::object> events(const std::string& of, const json::object& body) {
    const Reply reply =
        post_text(path(of), json::serialize(body),
                  "content-type: application/json\r\naccept: application/jsonl\r\n");
    EXPECT_EQ(reply.header("content-type"), "application/jsonl; charset=utf-8");
    std::vector<json::object> lines;
    std::string_view left = reply.body;
    while (!left.empty()) {
      const std::size_t end = left.find('\n');
      lines.push_back(json::parse(left.substr(0, end)).as_object());
      left.remove_prefix(end + 1);
    }
    return lines;
  }
  json::array log(std::string_view type) {
    return get("/event/log/list?type=" + std::string{type}).items();
  }
  template <class Done>
  static bool soon(Done done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!done()) {
      if (std::chrono::steady_clock::now() > limit) return false;
      std::this_thread::yield();
    }
    return true;
  }

  BenchThread caller{work, bench, clock};
  HeldAction* held = nullptr;
  std::string skillset;
};

constexpr std::string_view repeat = "```echo\n{\"order\": $[order! js|the order]}\n```";

TEST_F(AbilityExecutionTest, TheResultIsAnsweredWithTheMessagesOfTheCall) {
  const Reply reply = execute(ability(repeat), {{"input", R"({"order":"A-7"})"}});

  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.at("usage"), json::parse(R"({"token":0})"));
  EXPECT_EQ(reply.at("result"), json::parse(R"({"order":"A-7"})"));
  EXPECT_FALSE(reply.object().contains("error"));
  const json::array messages = reply.at("messages").as_array();
  ASSERT_EQ(messages.size(), 2U);
  const json::object& request = messages[0].at("meta").at("activity").as_object();
  const json::object& response = messages[1].at("meta").at("activity").as_object();
  EXPECT_EQ(request.at("type"), "request");
  EXPECT_EQ(request.at("function"),
            json::parse(R"({"name":"try_me","arguments":{"order":"A-7"}})"));
  EXPECT_EQ(response.at("function").at("result"), json::parse(R"({"order":"A-7"})"));
  EXPECT_EQ(request.at("id"), response.at("id"));
}

TEST_F(AbilityExecutionTest, YamlAndProseAreInputsToo) {
  const std::string one = ability(repeat);
  EXPECT_EQ(execute(one, {{"input", "order: A-7"}}).at("result").at("order"), "A-7");
  EXPECT_EQ(execute(one, {{"input", "the seventh"}}).at("result").at("order"), "the seventh");

  const Reply reply = execute(ability("```echo\n$[a!|one] $[b!|two]\n```"), {{"input", "which?"}});
  EXPECT_EQ(reply.status, 200);
  EXPECT_FALSE(reply.object().contains("result"));
  EXPECT_THAT(reply.text("error"), HasSubstr(R"(for example {"a":"text","b":"text"})"));
  EXPECT_TRUE(reply.at("messages").as_array().empty()) << "no call was made";
}

TEST_F(AbilityExecutionTest, AFailingCallIsA200WithAnError) {
  for (const std::string_view instruction : {repeat, std::string_view{"```nothing\nx\n```"},
                                             std::string_view{"```echo\n${SECRET_X}\n```"}}) {
    const Reply reply = execute(ability(instruction));
    EXPECT_EQ(reply.status, 200);
    EXPECT_NE(reply.text("error"), "");
    EXPECT_FALSE(reply.object().contains("result"));
  }
  EXPECT_THAT(execute(ability(repeat, "!!!")).text("error"), HasSubstr("no name"));
}

TEST_F(AbilityExecutionTest, WhatIsDisabledCanBeTried) {
  const std::string one = ability(repeat);
  post("/skillset/" + skillset + "/ability/" + one + "/update", {{"state", "disabled"}});
  EXPECT_EQ(execute(one, {{"input", "A-7"}}).at("result").at("order"), "A-7");
}

TEST_F(AbilityExecutionTest, TheCallIsTheContactsAndHasTheCallersKey) {
  const std::string one = ability("```held\nx\n```");
  const std::string contact = post("/contact/create", {{"name", "Ann"}}).id();

  const Reply reply = post_text(path(one), R"({"contactId":")" + contact + "\"}",
                                "content-type: application/json\r\nidempotency-key: mine\r\n");
  EXPECT_EQ(reply.at("result"), json::value(json::object{{"key", "mine"}, {"contact", contact}}));
  const Reply keyless = execute(one);
  EXPECT_EQ(keyless.at("result").at("key").as_string().size(), 32U);

  EXPECT_EQ(execute(one, {{"contactId", "contact_nobody"}}).status, 404);
  EXPECT_EQ(execute("ability_nothing").status, 404);
  EXPECT_EQ(held->left, 2) << "nothing was called for those";
}

TEST_F(AbilityExecutionTest, AnotherAccountsAbilityIsNotCalled) {
  const std::string one = ability("```held\nx\n```");
  const Reply reply = post_as(other_account(), path(one));
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(held->left, 0);
}

TEST_F(AbilityExecutionTest, TheStreamTellsTheCallAsItHappens) {
  std::string types;
  const auto lines = events(ability(repeat), {{"input", "A-7"}});
  for (const json::object& line : lines) {
    types += std::string{line.at("type").as_string()} + " ";
    EXPECT_TRUE(line.contains("createdAt"));
  }
  EXPECT_EQ(types, "nop operationBegin message message operationEnd result ");
  EXPECT_EQ(lines.at(1).at("data").at("action").at("name"), "try_me");
  EXPECT_EQ(lines.at(1).at("data").at("action").at("input"), json::parse(R"({"order":"A-7"})"));
  EXPECT_EQ(lines.back().at("data").at("result").at("order"), "A-7");

  const auto ended = events(ability("```abort/failure\nno stock\n```"), {});
  ASSERT_GE(ended.size(), 2U);
  EXPECT_EQ(ended.at(ended.size() - 2).at("type"), "abort");
  EXPECT_EQ(ended.at(ended.size() - 2).at("data").at("reason"), "no stock");
}

TEST_F(AbilityExecutionTest, EventsAreAnotherFormAndACsvIsNone) {
  const std::string one = ability(repeat);
  const Reply reply = post_text(path(one), R"({"input":"A-7"})",
                                "content-type: application/json\r\naccept: text/event-stream\r\n");
  EXPECT_EQ(reply.header("content-type"), "text/event-stream; charset=utf-8");
  EXPECT_THAT(reply.body, HasSubstr("event: operationBegin\ndata: {"));
  EXPECT_EQ(
      post_text(path(one), "{}", "content-type: application/json\r\naccept: text/csv\r\n").status,
      400);
}

TEST_F(AbilityExecutionTest, ACallIsLoggedAndCounted) {
  const std::string one = ability(repeat);
  execute(one, {{"input", "A-7"}});
  execute(one);

  const json::array made = log("ability.execute");
  ASSERT_EQ(made.size(), 2U);
  EXPECT_EQ(made[0].at("abilityId"), json::value(one));
  EXPECT_TRUE(made[0].at("meta").as_object().contains("tokenId"));
  const json::array calls = log("action.echo");
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].at("skillsetId"), json::value(skillset));
  EXPECT_EQ(calls[0].at("meta").at("isError"), true) << "the newest first";
  const json::array used = get("/usage/list").items();
  ASSERT_FALSE(used.empty());
}

TEST_F(AbilityExecutionTest, TheTokensOfAModelThatItAsksAreCounted) {
  const Reply reply = execute(ability("```ask\nx\n```"));
  EXPECT_EQ(reply.at("usage").at("token"), 13);
  const json::array used = get("/usage/list").items();
  const auto of_model = std::ranges::find_if(used, [](const json::value& row) {
    const json::value* const model = row.as_object().if_contains("model");
    return model != nullptr && *model == json::value("wise");
  });
  ASSERT_NE(of_model, used.end()) << json::serialize(used);
  EXPECT_EQ(of_model->at("count"), 13);
}

TEST_F(AbilityExecutionTest, AnAccountHasOnlySoManyUnderWay) {
  const std::string one = ability("```held\nx\n```");
  held->is_held = true;
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) clients.emplace_back([&] { EXPECT_EQ(execute(one).status, 200); });
  ASSERT_TRUE(soon([&] { return held->running == 4; }));

  const Reply refused = execute(one);
  EXPECT_EQ(refused.status, 429);
  EXPECT_NE(refused.header("retry-after"), "");

  held->is_held = false;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(execute(one).status, 200);
}

TEST_F(AbilityExecutionTest, AClientThatGoesAwayEndsItsCall) {
  const std::string one = ability("```held\nx\n```");
  held->is_held = true;
  for (const std::string_view accept : {"application/json", "application/jsonl"}) {
    const int before = held->left;
    {
      boost::asio::io_context io;
      boost::asio::ip::tcp::socket socket{io};
      socket.connect({boost::asio::ip::address_v4::loopback(), port});
      boost::asio::write(
          socket,
          boost::asio::buffer("POST /v1" + path(one) + " HTTP/1.1\r\nHost: test\r\n" + auth() +
                              "accept: " + std::string{accept} + "\r\nContent-Length: 0\r\n\r\n"));
      ASSERT_TRUE(soon([&] { return held->running == 1; }));
    }
    EXPECT_TRUE(soon([&] { return held->left > before; })) << accept;
  }
  ASSERT_TRUE(soon([&] { return log("action.held").size() == 2; }));
  EXPECT_EQ(log("action.held")[0].at("meta").at("outcomeUnknown"), true);
}

TEST_F(AbilityExecutionTest, AServerThatStopsSaysThatTheOutcomeIsUnknown) {
  const std::string one = ability("```held\nx\n```");
  held->is_held = true;
  Reply reply;
  std::thread client{[&] { reply = execute(one); }};
  ASSERT_TRUE(soon([&] { return held->running == 1; }));

  caller.close();
  client.join();

  EXPECT_EQ(reply.status, 200) << "a 503 would be tried again";
  EXPECT_EQ(reply.at("outcomeUnknown"), true);
  EXPECT_THAT(reply.text("error"), HasSubstr("The server stopped"));
  const Reply late = execute(one);
  EXPECT_EQ(late.status, 503);
}

}  // namespace
}  // namespace bellpull
