#include "http/http_server.h"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/task.h"
#include "http/loopback_test.h"
#include "http/method.h"
#include "http/request.h"
#include "http/response.h"
#include "http/service.h"

namespace bellpull::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Task<Response> show_request(Request request) {
  std::string text = std::string{to_string(request.method())} + " " +
                     std::string{request.target()} + " id=" + std::string{request.parameter("id")} +
                     " agent=" + std::string{request.header("USER-AGENT")} +
                     " from=" + request.remote_address();
  co_return text_response(std::move(text));
}

Task<Response> throw_something(Request /*request*/) {
  throw std::runtime_error("the disk is gone");
  co_return Response{};
}

class HttpServerTest : public testing::Test, protected LoopbackServer {
 protected:
  void SetUp() override {
    add({Method::post}, "/echo", &echo);
    add({Method::get}, "/thing/{id}", &show_request);
    add({Method::get}, "/broken", &throw_something);
  }
};

TEST_F(HttpServerTest, RequestReachesItsHandlerAndTheReplyIsWhole) {
  start();
  RawClient client{port};
  client.send("GET /thing/a%20b?x=1 HTTP/1.1\r\nHost: h\r\nUser-Agent: me\r\n\r\n");
  EXPECT_EQ(client.read_reply(),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\n"
            "Content-Length: 51\r\n\r\nGET /thing/a%20b?x=1 id=a b agent=me from=127.0.0.1");
}

TEST_F(HttpServerTest, ConnectionIsKeptForTheNextRequest) {
  start();
  RawClient client{port};
  for (const std::string body : {"one", "two", ""}) {
    client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
    EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\n" + body));
  }
  EXPECT_EQ(server->connections(), 1U);
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  start();
  RawClient client{port};
  std::string requests;
  for (int i = 100; i < 200; ++i) {
    requests += "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n" + std::to_string(i);
  }
  client.send(requests);
  for (int i = 100; i < 200; ++i) {
    EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\n" + std::to_string(i)));
  }
}

TEST_F(HttpServerTest, BytesOneAtATimeAreTheSameRequest) {
  start();
  RawClient client{port};
  for (const char c : std::string_view{"POST /echo HTTP/1.1\r\nHost: h\r\n"
                                       "Transfer-Encoding: chunked\r\n\r\n"
                                       "5;a=b\r\nhello\r\n0\r\nTrailer: x\r\n\r\n"}) {
    ASSERT_TRUE(client.send({&c, 1}));
  }
  EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\nhello"));
}

TEST_F(HttpServerTest, HeadIsAnsweredWithoutItsHandler) {
  start();
  RawClient client{port};
  client.send("HEAD /broken HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string reply = client.read_until("\r\n\r\n");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(reply, HasSubstr("Content-Length: 0\r\n"));
  client.send("HEAD /nothing HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
  EXPECT_TRUE(client.is_closed()) << "a reply to HEAD has no body";
}

TEST_F(HttpServerTest, UnknownPathsAndMethodsAreToldApartAndCostNoConnection) {
  start();
  RawClient client{port};
  client.send("GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 404 Not Found\r\n"));
  client.send("DELETE /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
  const std::string reply = client.read_reply();
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_THAT(reply, HasSubstr("\r\nAllow: HEAD, POST, OPTIONS\r\n"));
  client.send("GET /thing/%zz HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  client.send("OPTIONS /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.read_reply(), HasSubstr("\r\nAllow: HEAD, POST, OPTIONS\r\n"));
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\nok"));
}

TEST_F(HttpServerTest, Http10IsKeptAliveOnlyWhenAsked) {
  start();
  RawClient client{port};
  client.send("GET /thing/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(client.read_reply(), HasSubstr("\r\nConnection: keep-alive\r\n"));
  client.send("GET /thing/1 HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.read_reply(), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServerTest, ConnectionCloseIsHonoured) {
  start();
  RawClient client{port};
  client.send("GET /thing/1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_reply(), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServerTest, ClientThatStopsSendingStillGetsItsReply) {
  start();
  RawClient client{port};
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
  client.half_close();
  EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\nabc"));
  EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServerTest, FailedHandlerIsA500AndTheConnectionGoesOn) {
  start();
  RawClient client{port};
  testing::internal::CaptureStderr();
  client.send("GET /broken HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string reply = client.read_reply();
  const std::string logged = testing::internal::GetCapturedStderr();
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 500 Internal Server Error\r\n"));
  EXPECT_THAT(reply, Not(HasSubstr("disk"))) << "clients learn nothing of the cause";
  EXPECT_THAT(logged, HasSubstr("route=/broken"));
  EXPECT_THAT(logged, HasSubstr("the disk is gone"));
  client.send("GET /thing/1 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpServerTest, HooksShapeErrorsAndTouchEveryReply) {
  hooks.error = [](int status, std::string_view message, const RequestHead* head) {
    Response response;
    response.status = status;
    response.body = "{" + std::string{message} + (head != nullptr ? " known}" : " unknown}");
    return response;
  };
  hooks.options = [](const RequestHead& head) { return text_response(std::string{head.path()}); };
  hooks.finish = [](Response& response, const RequestHead& /*head*/) {
    response.headers.add("X-Finished", "yes\r\nX-Forged: 1");
  };
  start();
  RawClient client{port};
  client.send("GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string reply = client.read_reply();
  EXPECT_THAT(reply, HasSubstr("\r\nContent-Type: application/json; charset=utf-8\r\n"));
  EXPECT_THAT(reply, HasSubstr("\r\nX-Finished: yes  X-Forged: 1\r\n"));
  EXPECT_THAT(reply, EndsWith("{Not found known}"));
  client.send("OPTIONS /anything HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\n/anything"));
  client.send("GARBAGE\r\n\r\n");
  EXPECT_THAT(client.read_reply(), EndsWith("HTTP/1.1 unknown}"));
}

TEST_F(HttpServerTest, ExchangesAreObserved) {
  std::vector<AnsweredRequest> seen;
  hooks.observe = [&seen](const AnsweredRequest& exchange) { seen.push_back(exchange); };
  start();
  RawClient client{port};
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
  client.read_reply();
  client.send("GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n");
  client.read_reply();
  client.send("DELETE /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  client.read_reply();
  server->stop(Duration{0});
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].status, 200);
  EXPECT_EQ(seen[0].route->pattern, "/echo");
  EXPECT_EQ(seen[0].bytes_in, 54U);
  EXPECT_GT(seen[0].bytes_out, 100U);
  EXPECT_EQ(seen[1].status, 404);
  EXPECT_EQ(seen[1].route, nullptr);
  EXPECT_EQ(seen[1].pattern, "");
  EXPECT_EQ(seen[2].status, 405);
  EXPECT_EQ(seen[2].route, nullptr);
  EXPECT_EQ(seen[2].pattern, "/echo");
}

Task<Response> give_large(Request /*request*/) {
  co_return text_response(std::string(3'000'000, 'x'));
}

TEST_F(HttpServerTest, LargeReplyArrivesWhole) {
  add({Method::get}, "/large", &give_large);
  start();
  RawClient client{port};
  client.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\nGET /thing/1 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\n" + std::string(3'000'000, 'x')));
  EXPECT_THAT(client.read_reply(), HasSubstr("GET /thing/1"));
}

TEST_F(HttpServerTest, AllThreadsServeOnePort) {
  config.threads = 3;
  start();
  for (int i = 0; i < 20; ++i) {
    RawClient client{port};
    client.send("GET /thing/1 HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 200 OK\r\n"));
  }
}

TEST_F(HttpServerTest, PortInUseIsSaidClearlyEvenWhenThePortCouldBeShared) {
  config.threads = 2;
  start();
  HttpConfig second = config;
  second.port = port;
  HttpServer other{second, router, {}, clock, log};
  try {
    other.start();
    FAIL() << "two servers share a port";
  } catch (const std::runtime_error& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("cannot listen on 127.0.0.1 port " +
                                          std::to_string(port) + ": Address already in use"));
  }
}

TEST_F(HttpServerTest, NameInsteadOfAnAddressIsRefused) {
  config.address = "somewhere";
  EXPECT_THROW(start(), std::runtime_error);
}

}  // namespace
}  // namespace bellpull::test
