// Replies that are written while they happen.
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/task.h"
#include "http/loopback_test.h"
#include "http/method.h"
#include "http/request.h"
#include "http/response.h"

namespace bellpull::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Response stream_response(BodyStream stream) {
  Response response;
  response.content_type = "text/event-stream";
  response.stream = std::move(stream);
  return response;
}

std::atomic<int> gone_clients = 0;

Task<void> write_two(BodyWriter writer) {
  co_await writer.write("first");
  co_await writer.write("");
  co_await writer.write(std::string(20, '2'));
}

Task<void> write_nothing(BodyWriter /*writer*/) { co_return; }

Task<void> fail_at_once(BodyWriter /*writer*/) {
  throw std::runtime_error("no source");
  co_return;
}

Task<void> fail_later(BodyWriter writer) {
  co_await writer.write("first");
  throw std::runtime_error("source lost");
}

Task<void> replace_it(BodyWriter writer) {
  Response other = text_response("no such thing");
  other.status = 404;
  writer.replace(std::move(other));
  EXPECT_TRUE(writer.replace(text_response("changed its mind")));
  co_return;
}

Task<void> start_then_replace(BodyWriter writer) {
  EXPECT_TRUE(co_await writer.start());
  EXPECT_FALSE(writer.replace(text_response("too late")));
}

Task<void> wait_until_gone(BodyWriter writer) {
  boost::asio::steady_timer pause{co_await boost::asio::this_coro::executor};
  EXPECT_FALSE(writer.is_gone());
  co_await writer.write("still there");
  while (!writer.is_gone()) {
    pause.expires_after(std::chrono::milliseconds{1});
    co_await pause.async_wait(boost::asio::use_awaitable);
  }
  EXPECT_FALSE(co_await writer.write("nobody reads it"));
  gone_clients = 1;
}

class StreamTest : public testing::Test, protected LoopbackServer {
 protected:
  void add_stream(std::string pattern, Task<void> (*stream)(BodyWriter)) {
    add({Method::get}, std::move(pattern), [stream](Request&) -> Task<Response> {
      return [](Task<void> (*run)(BodyWriter)) -> Task<Response> {
        co_return stream_response(run);
      }(stream);
    });
  }
  std::string get(const std::string& path, const std::string& version = "1.1") {
    RawClient client{port};
    client.send("GET " + path + " HTTP/" + version + "\r\nHost: h\r\nConnection: close\r\n\r\n");
    return client.read_all();
  }
};

TEST_F(StreamTest, AClientThatGoesIsNoticedWithoutWritingToIt) {
  gone_clients = 0;
  add_stream("/wait", &wait_until_gone);
  start();
  {
    RawClient client{port};
    client.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
    client.read_until("still there");
  }
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (gone_clients == 0 && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
  EXPECT_EQ(gone_clients, 1);
}

TEST_F(StreamTest, PiecesAreChunksAndTheConnectionGoesOn) {
  add_stream("/two", &write_two);
  start();
  RawClient client{port};
  for (int i = 0; i < 2; ++i) {
    client.send("GET /two HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client.read_until("\r\n0\r\n\r\n"),
              "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
              "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
              "5\r\nfirst\r\n14\r\n22222222222222222222\r\n0\r\n\r\n");
  }
}

TEST_F(StreamTest, EmptyStreamIsAWholeReply) {
  add_stream("/nothing", &write_nothing);
  start();
  EXPECT_THAT(get("/nothing"), EndsWith("\r\n\r\n0\r\n\r\n"));
}

TEST_F(StreamTest, Http10ReadsToTheEnd) {
  add_stream("/two", &write_two);
  start();
  const std::string reply = get("/two", "1.0");
  EXPECT_THAT(reply, Not(HasSubstr("Transfer-Encoding")));
  EXPECT_THAT(reply, EndsWith("\r\n\r\nfirst22222222222222222222"));
}

TEST_F(StreamTest, FailureBeforeTheFirstByteIsA500) {
  add_stream("/broken", &fail_at_once);
  start();
  EXPECT_THAT(get("/broken"), StartsWith("HTTP/1.1 500 "));
}

TEST_F(StreamTest, FailureAfterTheFirstByteIsNoWholeReply) {
  add_stream("/broken", &fail_later);
  start();
  const std::string reply = get("/broken");
  EXPECT_THAT(reply, EndsWith("5\r\nfirst\r\n")) << "the last chunk is missing";
}

TEST_F(StreamTest, StreamMayTurnIntoAnotherReplyUntilItStarts) {
  add_stream("/replaced", &replace_it);
  add_stream("/started", &start_then_replace);
  start();
  EXPECT_THAT(get("/replaced"), EndsWith("\r\n\r\nchanged its mind"));
  EXPECT_THAT(get("/started"), EndsWith("Connection: close\r\n\r\n0\r\n\r\n"));
}

struct Feed {
  std::unique_ptr<Gate> gate;
  std::atomic<bool> saw_client_leave = false;
};

Task<void> write_after_gate(BodyWriter writer, Feed* feed) {
  co_await writer.write("first");
  co_await feed->gate->wait();
  co_await writer.write("second");
}

Task<void> write_until_gone(BodyWriter writer, Feed* feed) {
  const std::string piece(10000, 'x');
  bool taken = true;
  while (taken) taken = co_await writer.write(piece);
  feed->saw_client_leave = true;
}

TEST_F(StreamTest, EachPieceIsSentWhenItIsWritten) {
  Feed feed;
  add({Method::get}, "/feed", [&feed](Request&) -> Task<Response> {
    return [](Feed* source) -> Task<Response> {
      co_return stream_response(
          [source](BodyWriter& writer) { return write_after_gate(writer, source); });
    }(&feed);
  });
  prepare();
  feed.gate = std::make_unique<Gate>(server->context(0));
  start();
  RawClient client{port};
  client.send("GET /feed HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.read_until("first\r\n"), EndsWith("5\r\nfirst\r\n"));
  ASSERT_TRUE(eventually([&] { return feed.gate->is_reached(); }));
  EXPECT_FALSE(client.has_more());
  feed.gate->open();
  EXPECT_EQ(client.read_until("\r\n0\r\n\r\n"), "6\r\nsecond\r\n0\r\n\r\n");
}

TEST_F(StreamTest, WriterLearnsThatTheClientIsGone) {
  Feed feed;
  add({Method::get}, "/feed", [&feed](Request&) -> Task<Response> {
    return [](Feed* source) -> Task<Response> {
      co_return stream_response(
          [source](BodyWriter& writer) { return write_until_gone(writer, source); });
    }(&feed);
  });
  start();
  {
    RawClient client{port};
    client.send("GET /feed HTTP/1.1\r\nHost: h\r\n\r\n");
    client.read_until("xxx");
  }
  EXPECT_TRUE(eventually([&] { return feed.saw_client_leave.load(); }));
  EXPECT_TRUE(eventually([&] { return server->connections() == 0; }));
}

}  // namespace
}  // namespace bellpull::test
