// Clients that are slow or silent are cut, and cost nothing after that.
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/task.h"
#include "http/loopback_test.h"
#include "http/method.h"
#include "http/request.h"
#include "http/response.h"

namespace bellpull::test {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::StartsWith;

class DeadlineTest : public testing::Test, protected LoopbackServer {
 protected:
  void SetUp() override { add({Method::post}, "/", &echo, 100'000'000); }

  // Time stands still, so the server has the start of the second request before time passes.
  static std::string request_then(const std::string& rest) {
    return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok" + rest;
  }
};

TEST_F(DeadlineTest, SlowHeaderIsA408) {
  start();
  RawClient client{port};
  client.send(request_then("POST / HTTP/1.1\r\nHost: "));
  EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\nok"));
  pass_time_until_answered(client);
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_TRUE(client.is_closed());
}

TEST_F(DeadlineTest, StoppedBodyIsA408) {
  start();
  RawClient client{port};
  client.send(request_then("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab"));
  EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\nok"));
  pass_time_until_answered(client);
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(DeadlineTest, DribblingHeaderGainsNoTime) {
  start();
  RawClient client{port};
  client.send(request_then("POST / HTTP/1.1\r\nHost: h\r\nX: "));
  EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\nok"));
  EXPECT_TRUE(eventually([&] {
    clock.advance(10ms);
    client.send("x");
    return client.has_more();
  }));
  EXPECT_THAT(client.read_reply(),
              testing::AnyOf(StartsWith("HTTP/1.1 408 "), StartsWith("HTTP/1.1 431 ")));
}

TEST_F(DeadlineTest, DribblingBodyIsA408ThoughItNeverStops) {
  config.limits.minimum_rate = 1'000'000;
  start();
  RawClient client{port};
  client.send(request_then("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n"));
  EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\nok"));
  EXPECT_TRUE(eventually([&] {
    clock.advance(100ms);
    client.send("x");
    return client.has_more();
  }));
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(DeadlineTest, SteadyBodyMayTakeLongerThanTheGrace) {
  config.limits.minimum_rate = 1000;
  start();
  RawClient client{port};
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
  for (int i = 0; i < 100; ++i) {
    const std::size_t held = server->buffered_bytes();
    ASSERT_FALSE(client.has_more()) << i << " " << held;
    client.send(std::string(1000, 'x'));
    clock.advance(500ms);
  }
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(DeadlineTest, IdleConnectionIsClosedWithoutAWord) {
  start();
  RawClient client{port};
  client.send(request_then(""));
  EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\nok"));
  pass_time_until_answered(client);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(DeadlineTest, SilentClientIsClosedWithoutAWord) {
  start();
  RawClient client{port};
  pass_time_until_answered(client);
  EXPECT_TRUE(client.is_closed());
  EXPECT_TRUE(eventually([&] { return server->connections() == 0; }));
}

TEST_F(DeadlineTest, IdleConnectionHoldsNoBufferAndGoesOn) {
  config.limits.idle_time = std::chrono::hours{1000};
  config.limits.header_time = std::chrono::hours{1000};
  start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<RawClient>(port));
    if (i % 2 == 0) continue;  // every other one has said nothing yet
    clients.back()->send(request_then(""));
    EXPECT_THAT(clients.back()->read_reply(), EndsWith("\r\n\r\nok"));
  }
  EXPECT_TRUE(eventually([&] { return server->connections() == 200; }));
  EXPECT_TRUE(eventually([&] {
    clock.advance(100ms);
    return server->buffered_bytes() == 0;
  }));
  for (const auto& client : clients) {
    client->send(request_then(""));
    EXPECT_THAT(client->read_reply(), EndsWith("\r\n\r\nok"));
  }
  EXPECT_EQ(server->connections(), 200U);
}

constexpr std::size_t more_than_buffers_hold = 30'000'000;

Task<Response> give_large(Request /*request*/) {
  // NOLINTNEXTLINE(bugprone-string-constructor): large on purpose
  co_return text_response(std::string(more_than_buffers_hold, 'x'));
}

TEST_F(DeadlineTest, ClientThatTakesNoReplyIsCut) {
  add({Method::get}, "/large", &give_large);
  start();
  RawClient client{port};
  client.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return client.has_more(); }));
  EXPECT_TRUE(eventually([&] {
    clock.advance(500ms);
    return server->connections() == 0;
  }));
  EXPECT_LT(client.read_all().size(), more_than_buffers_hold);
}

Task<void> write_large(BodyWriter writer) {
  // NOLINTNEXTLINE(bugprone-string-constructor): large on purpose
  const std::string piece(more_than_buffers_hold, 'x');
  co_await writer.write(piece);
}

Task<Response> stream_large(Request /*request*/) {
  Response response;
  response.content_type = "text/plain";
  response.stream = &write_large;
  co_return response;
}

// Broke once: a piece that the kernel did not take at once was given the time of a whole reply.
TEST_F(DeadlineTest, APieceOfAStreamHasTheStreamsTime) {
  config.limits.total_time = 5s;
  config.limits.stream_time = 10'000h;
  config.limits.rate_grace = 10'000h;
  add({Method::get}, "/stream", &stream_large);
  start();
  RawClient client{port};
  client.send("GET /stream HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  RawClient silent{port};  // shows that more than its ten seconds have passed, for both
  EXPECT_TRUE(eventually([&] {
    clock.advance(100ms);
    return silent.has_more();
  }));
  EXPECT_GT(client.read_all().size(), more_than_buffers_hold);
}

TEST_F(DeadlineTest, ClientDoesNotWaitForeverForAHandler) {
  std::unique_ptr<Gate> gate;
  add({Method::get}, "/slow", [&gate](Request&) { return answer_after(gate.get()); });
  prepare();
  gate = std::make_unique<Gate>(server->context(0));
  start();
  RawClient client{port};
  client.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return gate->is_reached(); }));
  EXPECT_TRUE(eventually([&] {
    clock.advance(1min);
    return client.has_more();
  }));
  EXPECT_EQ(client.read_all(), "");
  gate->open();
  EXPECT_TRUE(eventually([&] { return server->connections() == 0; }));
  server.reset();  // before the gate, which its handler may still leave
}

}  // namespace
}  // namespace bellpull::test
