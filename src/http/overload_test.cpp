// More clients, or more bytes, than the server was made for.
#include <cstddef>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
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
using testing::StartsWith;

constexpr const char* request = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok";

class OverloadTest : public testing::Test, protected LoopbackServer {
 protected:
  void SetUp() override { add({Method::post}, "/", &echo, 10'000'000); }

  // A client in the middle of a request, so that it is not idle.
  std::unique_ptr<RawClient> busy_client() {
    auto client = std::make_unique<RawClient>(port);
    client->send(request);
    client->send("POST");
    EXPECT_THAT(client->read_reply(), EndsWith("ok"));
    return client;
  }
};

TEST_F(OverloadTest, ConnectionIdleLongestGivesWay) {
  config.limits.connections = 2;
  start();
  RawClient oldest{port};
  oldest.send(request);
  EXPECT_THAT(oldest.read_reply(), EndsWith("ok"));
  RawClient newer{port};
  newer.send(request);
  EXPECT_THAT(newer.read_reply(), EndsWith("ok"));
  RawClient newest{port};
  newest.send(request);
  EXPECT_THAT(newest.read_reply(), EndsWith("ok"));
  EXPECT_TRUE(oldest.is_closed());
  newer.send(request);
  EXPECT_THAT(newer.read_reply(), EndsWith("ok"));
}

TEST_F(OverloadTest, OneConnectionTooManyIsA503) {
  config.limits.connections = 3;
  start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(busy_client());
  RawClient one_more{port};
  const std::string reply = one_more.read_reply();
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 503 "));
  EXPECT_TRUE(one_more.is_closed());
  clients.pop_back();
  ASSERT_TRUE(eventually([&] { return server->connections() == 2; }));
  RawClient welcome{port};
  welcome.send(request);
  EXPECT_THAT(welcome.read_reply(), EndsWith("ok"));
}

TEST_F(OverloadTest, BodiesBeyondTheMemoryBudgetAreA503) {
  config.limits.buffered_bytes = 1'000'000;
  start();
  RawClient small{port};
  small.send(request);
  EXPECT_THAT(small.read_reply(), EndsWith("ok"));
  RawClient large{port};
  large.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n" +
             std::string(5'000'000, 'x'));
  EXPECT_THAT(large.read_reply(), StartsWith("HTTP/1.1 503 "));
  small.send(request);
  EXPECT_THAT(small.read_reply(), EndsWith("ok")) << "others go on";
}

constexpr const char* get_large = "GET /large HTTP/1.1\r\nHost: h\r\n\r\n";
// More than the buffers of the two sockets hold together.
constexpr std::size_t large_reply = 30'000'000;

Task<Response> answer_large() { co_return text_response(std::string(large_reply, 'x')); }

Task<void> write_large(BodyWriter writer) {
  const std::string piece(1'000'000, 'x');
  for (bool there = true; there;) there = co_await writer.write(piece);
}

Task<Response> stream_large() {
  Response response;
  response.stream = [](BodyWriter& writer) { return write_large(writer); };
  co_return response;
}

TEST_F(OverloadTest, RepliesThatWaitForSlowClientsAreA503BeyondHalfTheBudget) {
  config.limits.buffered_bytes = 3 * large_reply;
  add({Method::get}, "/large", [](Request&) { return answer_large(); });
  start();
  auto slow = std::make_unique<RawClient>(port);
  slow->send(get_large);
  ASSERT_TRUE(eventually([&] { return server->buffered_bytes() >= large_reply; }));
  RawClient other{port};
  other.send(get_large);
  EXPECT_THAT(other.read_reply(), StartsWith("HTTP/1.1 503 "));
  other.send(request);
  EXPECT_THAT(other.read_reply(), EndsWith("ok")) << "small replies go on";
  slow.reset();
  ASSERT_TRUE(eventually([&] { return server->buffered_bytes() < large_reply; }));
  other.send(get_large);
  EXPECT_THAT(other.read_reply(), StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(eventually([&] { return server->buffered_bytes() < large_reply; }));
}

TEST_F(OverloadTest, AStreamThatFindsNoRoomIsA503AtItsStart) {
  config.limits.buffered_bytes = 5'000'000;
  add({Method::get}, "/large", [](Request&) { return stream_large(); });
  start();
  RawClient slow{port};
  slow.send(get_large);
  ASSERT_TRUE(eventually([&] { return server->buffered_bytes() >= 2'000'000; }));
  EXPECT_TRUE(eventually([&] {
    RawClient other{port};
    other.send(get_large);
    return other.read_until("\r\n").starts_with("HTTP/1.1 503 ");
  }));
}

TEST_F(OverloadTest, SmallRequestsGoOnWhateverLargeBodiesAreUnderWay) {
  config.limits.buffered_bytes = 1'000'000;
  start();
  std::vector<std::unique_ptr<RawClient>> large;
  for (int i = 0; i < 10; ++i) {
    large.push_back(std::make_unique<RawClient>(port));
    large.back()->send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n" +
                       std::string(100'000, 'x'));
  }
  ASSERT_TRUE(eventually([&] { return server->buffered_bytes() > 500'000; }));
  for (int i = 0; i < 300; ++i) {
    large.push_back(std::make_unique<RawClient>(port));
    large.back()->send("POST / HTTP/1.1\r\n");
  }
  ASSERT_TRUE(eventually([&] { return server->buffered_bytes() > 1'000'000; }));
  RawClient small{port};
  small.send(request);
  EXPECT_THAT(small.read_reply(), EndsWith("ok"));
}

// While it lives, this process can open no further descriptor.
class DescriptorLimit {
 public:
  DescriptorLimit() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(0);
    ::close(next);
    rlimit lower = before_;
    lower.rlim_cur = static_cast<rlim_t>(next);
    ::setrlimit(RLIMIT_NOFILE, &lower);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_F(OverloadTest, WithoutDescriptorsTheServerWaitsAndServesOn) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "UBSan looks at objects through a pipe, and takes them for broken without one";
#endif
  start();
  RawClient known{port};
  known.send(request);
  EXPECT_THAT(known.read_reply(), EndsWith("ok"));
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket waiting{io, boost::asio::ip::tcp::v4()};
  testing::internal::CaptureStderr();
  {
    const DescriptorLimit none_left;
    waiting.connect({boost::asio::ip::address_v4::loopback(), port});
    for (int i = 0; i < 100; ++i) {
      known.send(request);
      EXPECT_THAT(known.read_reply(), EndsWith("ok"));
    }
  }
  boost::asio::write(waiting, boost::asio::buffer(std::string{request}));
  std::string reply(12, ' ');
  boost::asio::read(waiting, boost::asio::buffer(reply));
  EXPECT_EQ(reply, "HTTP/1.1 200");
  const std::string logged = testing::internal::GetCapturedStderr();
  const std::size_t first = logged.find("cannot accept connections");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(logged.find("cannot accept connections", first + 1), std::string::npos)
      << "said once, not at every try";
}

}  // namespace
}  // namespace bellpull::test
