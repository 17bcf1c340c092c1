// For this module's tests: the whole API on a real store, over a real socket.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <gtest/gtest.h>

#include "action/ability_bench.h"
#include "api/api.h"
#include "api/openapi.h"
#include "api/openapi_judge_test.h"
#include "api/remote_content.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "http/http_server.h"
#include "http/router.h"
#include "http/text.h"
#include "identity/accounts.h"
#include "identity/authenticator.h"
#include "sqlite/sqlite_store.h"
#include "store/store.h"
#include "vault/vault.h"

namespace bellpull {

namespace json = boost::json;

// The wall clock is the test's; deadlines of the server stay real.
class TestClock final : public Clock {
 public:
  TimePoint now() const override { return from_ms(ms_.load()); }
  SteadyTime steady_now() const override {
    return std::chrono::steady_clock::now() + Duration{advanced_.load()};
  }
  void advance(Duration by) {
    ms_ += by.count();
    advanced_ += by.count();
  }

 private:
  std::atomic<std::int64_t> ms_ = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
  std::atomic<std::int64_t> advanced_ = 0;
};

struct Reply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  std::string header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (equals_ignoring_case(key, name)) return value;
    }
    return {};
  }
  json::object object() const { return json::parse(body).as_object(); }
  json::value at(std::string_view name) const { return object().at(name); }
  std::string text(std::string_view name) const { return std::string{at(name).as_string()}; }
  std::string id() const { return text("id"); }
  std::string message() const { return text("message"); }
  json::array items() const { return at("items").as_array(); }
};

// Sends one request over a connection of its own and reads until the server closes.
class TestClient {
 public:
  explicit TestClient(std::uint16_t port) : port_(port) {}

  Reply send(std::string_view method, std::string_view path, std::string_view head,
             std::string_view body) const {
    boost::asio::io_context io;
    boost::asio::ip::tcp::socket socket{io};
    socket.connect({boost::asio::ip::address_v4::loopback(), port_});
    std::string request = std::string{method} + " " + std::string{path} +
                          " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n" + std::string{head};
    if (!body.empty() || method == "POST") {
      request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    request += "\r\n" + std::string{body};
    boost::asio::write(socket, boost::asio::buffer(request));
    std::string raw;
    boost::system::error_code end;
    boost::asio::read(socket, boost::asio::dynamic_buffer(raw), end);
    return parse(raw);
  }

 private:
  static Reply parse(std::string_view raw) {
    Reply reply;
    const std::size_t head_end = raw.find("\r\n\r\n");
    if (head_end == std::string_view::npos) return reply;
    std::string_view head = raw.substr(0, head_end + 2);
    reply.status = std::atoi(std::string{head.substr(9, 3)}.c_str());
    head.remove_prefix(head.find("\r\n") + 2);
    while (!head.empty()) {
      const std::string_view line = head.substr(0, head.find("\r\n"));
      const std::size_t colon = line.find(':');
      reply.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
      head.remove_prefix(line.size() + 2);
    }
    reply.body = raw.substr(head_end + 4);
    if (reply.header("transfer-encoding") == "chunked") reply.body = joined(reply.body);
    return reply;
  }

  static std::string joined(std::string_view chunks) {
    std::string body;
    while (!chunks.empty()) {
      const std::size_t end = chunks.find("\r\n");
      const auto size = std::strtoul(std::string{chunks.substr(0, end)}.c_str(), nullptr, 16);
      if (size == 0) break;
      body += chunks.substr(end + 2, size);
      chunks.remove_prefix(end + 2 + size + 2);
    }
    return body;
  }

  const std::uint16_t port_;
};

// What the outside would answer.
class FakeRemote final : public RemoteContent {
 public:
  Task<Result<Fetched>> fetch(std::string url, std::size_t limit) override {
    asked_url = std::move(url);
    ++fetching;
    boost::asio::steady_timer pause{co_await boost::asio::this_coro::executor};
    while (is_held) {
      pause.expires_after(std::chrono::milliseconds{1});
      co_await pause.async_wait(boost::asio::use_awaitable);
    }
    --fetching;
    if (answer && answer->bytes.size() > limit) {
      co_return fail(ErrorCode::too_large, "the content is too large");
    }
    co_return answer;
  }

  Result<Fetched> answer = fail(ErrorCode::invalid, "nothing is there");
  std::string asked_url;
  std::atomic<bool> is_held = false;  // while it is, nothing is answered
  std::atomic<int> fetching = 0;
};

// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): only GoogleTest destroys it
class ApiTest : public testing::Test {
 protected:
  ApiTest() : ApiTest(ApiSettings{}) {}
  explicit ApiTest(ApiSettings settings)
      : folder_(make_folder()),
        store(folder_, random, clock, log),
        authenticator(store, clock),
        vault(*Vault::from_hex(std::string(64, 'a'))),
        api(router, {store, authenticator, vault, clock, random, log, remote, bench},
            std::move(settings)) {
    api.describe("test");
    store.listen(api.run_watch());
    store.listen(api.log_watch());
    store.start();
    server = std::make_unique<HttpServer>(HttpConfig{}, router, api.hooks(), clock, log);
    port = server->start();
    token = await(first_account());
  }

  ~ApiTest() override {
    api.log_watch().close();
    server->stop(Duration{0});
    store.stop();
    server.reset();
    std::filesystem::remove_all(folder_);
  }

  template <class T>
  T await(Task<T> task) {
    return boost::asio::co_spawn(server->context(0), std::move(task), boost::asio::use_future)
        .get();
  }

  // An account of its own, and the token of all scopes.
  std::string other_account() { return post("/account/create", {{"name", "other"}}).text("token"); }

  Reply post(std::string_view path, const json::object& body = {}) {
    return post_text(path, json::serialize(body));
  }
  Reply post_text(std::string_view path, std::string_view body,
                  std::string_view head = "content-type: application/json\r\n") {
    return judged(
        "post", path, body,
        client().send("POST", "/api/v1" + std::string{path}, auth() + std::string{head}, body));
  }
  Reply get(std::string_view path, std::string_view head = "") {
    return judged(
        "get", path, "",
        client().send("GET", "/api/v1" + std::string{path}, auth() + std::string{head}, ""));
  }
  // As somebody else.
  Reply get_as(std::string_view other_token, std::string_view path) {
    return judged("get", path, "",
                  client().send("GET", "/api/v1" + std::string{path}, auth(other_token), ""));
  }
  Reply post_as(std::string_view other_token, std::string_view path,
                const json::object& body = {}) {
    const std::string text = json::serialize(body);
    return judged("post", path, text,
                  client().send("POST", "/api/v1" + std::string{path},
                                auth(other_token) + "content-type: application/json\r\n", text));
  }

  const std::filesystem::path& folder() const { return folder_; }
  TestClient client() const { return TestClient{port}; }
  std::string auth() const { return auth(token); }
  static std::string auth(std::string_view text) {
    return "authorization: Bearer " + std::string{text} + "\r\n";
  }

  // Whatever a test is about: what went over the wire must be what the API's description says.
  Reply judged(std::string_view method, std::string_view path, std::string_view body,
               Reply reply) const {
    const OpenapiJudge judge{openapi_document(api.routes().endpoints(), "test")};
    const json::object* operation = judge.operation(method, "/api/v1" + std::string{path});
    if (operation == nullptr) return reply;
    if (reply.header("content-type").starts_with("application/json;")) {
      EXPECT_EQ(judge.of_reply(*operation, reply.status, json::parse(reply.body)), "")
          << method << " " << path << " " << reply.status;
    }
    boost::system::error_code no_json;
    const json::value given = json::parse(body, no_json);
    if (reply.status == 200 && !body.empty() && !no_json) {
      EXPECT_EQ(judge.of_body(*operation, given), "") << method << " " << path;
    }
    return reply;
  }

 private:
  static std::filesystem::path make_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "api_test_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    return name;
  }

  Task<std::string> first_account() {
    const auto made = co_await store.transact([&](Transaction& rows) {
      return make_first_account(rows, std::nullopt, random, clock.now());
    });
    co_return made.value().value();
  }

  const std::filesystem::path folder_;

 protected:
  TestClock clock;
  SystemRandom random;
  Log log{LogFormat::text, LogLevel::error};
  SqliteStore store;
  Authenticator authenticator;
  Vault vault;
  FakeRemote remote;
  boost::asio::io_context work;  // runs where a test makes calls
  AbilityBench bench{work.get_executor(), clock, log, {}};
  Router router;
  Api api;
  std::unique_ptr<HttpServer> server;
  std::uint16_t port = 0;
  std::string token;
};

}  // namespace bellpull
