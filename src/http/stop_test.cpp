// Stopping: nothing new, what runs may finish, what does not finish is cut.
#include <cstddef>
#include <future>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/system_error.hpp>
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
using testing::HasSubstr;

class StopTest : public testing::Test, protected LoopbackServer {
 protected:
  void SetUp() override {
    add({Method::post}, "/echo", &echo);
    add({Method::get}, "/slow", [this](Request&) { return answer_after(gate.get()); });
    add({Method::get}, "/large", &answer_large);
    prepare();
    gate = std::make_unique<Gate>(server->context(0));
    start();
  }
  // The gate is of the server's context, so it goes first, when no handler waits at it.
  void TearDown() override {
    server->stop(0ms);
    gate.reset();
  }

  bool refuses_connections() const {
    try {
      const RawClient late{port};
      return false;
    } catch (const boost::system::system_error&) {
      return true;
    }
  }

  // More than the kernel keeps for a client that does not read.
  static constexpr std::size_t large_size = 30'000'000;
  static Task<Response> answer_large(Request /*request*/) {
    co_return text_response(std::string(large_size, 'x'));
  }

  std::unique_ptr<Gate> gate;
};

TEST_F(StopTest, RunningRequestIsAnsweredAndItsConnectionClosed) {
  RawClient client{port};
  client.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return gate->is_reached(); }));
  auto stopped = std::async(std::launch::async, [this] { server->stop(1h); });
  EXPECT_TRUE(eventually([&] { return refuses_connections(); }));
  gate->open();
  const std::string reply = client.read_reply();
  EXPECT_THAT(reply, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(reply, EndsWith("\r\n\r\ndone"));
  EXPECT_TRUE(client.is_closed());
  stopped.get();
}

TEST_F(StopTest, ConnectionInTheMiddleOfItsReplyDoesNotGoIdleAfterIt) {
  RawClient client{port};
  client.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return client.has_more(); }));
  auto stopped = std::async(std::launch::async, [this] { server->stop(1h); });
  ASSERT_TRUE(eventually([&] { return refuses_connections(); }));
  EXPECT_EQ(client.read_all().size() / large_size, 1U) << "the whole reply, then the end";
  EXPECT_FALSE(client.failure());
  stopped.get();
}

TEST_F(StopTest, IdleConnectionsAreClosedAtOnce) {
  RawClient silent{port};
  RawClient used{port};
  used.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_THAT(used.read_reply(), EndsWith("ok"));
  ASSERT_TRUE(eventually([&] { return server->connections() == 2; }));
  server->stop(1h);
  EXPECT_TRUE(silent.is_closed());
  EXPECT_TRUE(used.is_closed());
}

TEST_F(StopTest, WhatOutlivesTheGraceIsCut) {
  RawClient client{port};
  client.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return gate->is_reached(); }));
  server->stop(10ms);
  EXPECT_EQ(client.read_all(), "");
  EXPECT_EQ(server->connections(), 0U);
}

TEST_F(StopTest, StoppingTwiceOrWithoutAStartIsNothing) {
  server->stop(0ms);
  server->stop(0ms);
  HttpServer never_started{config, router, {}, clock, log};
  never_started.stop(0ms);
  EXPECT_EQ(never_started.connections(), 0U);
}

}  // namespace
}  // namespace bellpull::test
