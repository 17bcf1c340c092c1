// What a server must not accept: exact status, then the connection is closed.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/task.h"
#include "http/loopback_test.h"
#include "http/method.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"

namespace bellpull::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::string_view_literals;

Admission by_header(const RequestHead& head) {
  if (head.header("authorization") == "yes") return {};
  return {.refusal = Response{.status = 401}};
}

Task<Admission> by_header_later(RequestHead head) { co_return by_header(head); }

Task<Response> tell_grant(Request request) {
  const auto* grant = static_cast<const std::string*>(request.grant().get());
  co_return Response{.body = grant == nullptr ? "none" : *grant};
}

class RefusalTest : public testing::Test, protected LoopbackServer {
 protected:
  void SetUp() override { add({Method::get, Method::post}, "/", &echo); }

  // The status of the reply to `request`, when the server closes in good order after it.
  int refused_with(std::string_view request) {
    if (!server) start();
    RawClient client{port};
    client.send(request);
    const std::string reply = client.read_reply();
    EXPECT_THAT(reply, HasSubstr("\r\nConnection: close\r\n")) << request;
    client.half_close();
    EXPECT_TRUE(client.is_closed()) << request;
    return reply.starts_with("HTTP/1.1 ") ? std::stoi(reply.substr(9, 3)) : 0;
  }
  int post_refused_with(const std::string& headers, std::string_view body = "") {
    return refused_with("POST / HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n" + std::string{body});
  }
};

TEST_F(RefusalTest, TransferEncodingOtherThanExactlyChunked) {
  for (const char* value :
       {"gzip", "identity", "gzip, chunked", "chunked, gzip", "chunked, chunked", "Chunked",
        "xchunked", "chunked;q=1", "\"chunked\"", ""}) {
    EXPECT_EQ(post_refused_with("Transfer-Encoding: " + std::string{value} + "\r\n", "0\r\n\r\n"),
              400)
        << value;
  }
  EXPECT_EQ(post_refused_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400);
  EXPECT_EQ(post_refused_with("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"), 400);
  EXPECT_EQ(post_refused_with("Transfer-Encoding : chunked\r\n"), 400);
}

TEST_F(RefusalTest, TransferEncodingBesideContentLength) {
  EXPECT_EQ(post_refused_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
            400);
  EXPECT_EQ(post_refused_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
            400);
}

TEST_F(RefusalTest, TransferEncodingOnHttp10) {
  EXPECT_EQ(
      refused_with("POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      400);
}

TEST_F(RefusalTest, HostMissingRepeatedOrMalformed) {
  EXPECT_EQ(refused_with("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(refused_with("GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(refused_with("GET / HTTP/1.0\r\nHost: h\r\nhost: i\r\n\r\n"), 400);
  for (const char* host : {"", "a b", "a,b", "a/b", "u@h", "h\\x"}) {
    EXPECT_EQ(refused_with("GET / HTTP/1.1\r\nHost: " + std::string{host} + "\r\n\r\n"), 400)
        << host;
  }
}

TEST_F(RefusalTest, ContentLengthRepeatedOrNoNumber) {
  EXPECT_EQ(post_refused_with("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400);
  EXPECT_EQ(post_refused_with("Content-Length: 3\r\nContent-Length: 4\r\n", "abc"), 400);
  for (const char* value : {"3, 3", "+3", "-3", "0x3", "3 3", "", "99999999999999999999", "3,"}) {
    EXPECT_EQ(post_refused_with("Content-Length: " + std::string{value} + "\r\n", "abc"), 400)
        << value;
  }
}

TEST_F(RefusalTest, FoldedHeaderLines) {
  EXPECT_EQ(post_refused_with("X-One: a\r\n b\r\n"), 400);
  EXPECT_EQ(post_refused_with("X-One:\r\n\tb\r\n"), 400);
  EXPECT_EQ(post_refused_with("X-One: a\r\n \r\n"), 400);
  EXPECT_EQ(refused_with("GET / HTTP/1.1\r\n Host: h\r\n\r\n"), 400);
}

TEST_F(RefusalTest, MalformedHeads) {
  for (const char* request :
       {"GET / HTTP/1.1\nHost: h\n\n", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", "GET /\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n",
        "G(T / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nBad Name: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nNoColon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", "\x16\x03\x01\x02\x00\x01",
        " GET / HTTP/1.1", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"}) {
    EXPECT_EQ(refused_with(request), 400) << request;
  }
  EXPECT_EQ(refused_with("GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"sv), 400);
}

TEST_F(RefusalTest, TooManyOrTooLargeHeaders) {
  config.limits.header_count = 5;
  config.limits.header_bytes = 1000;
  std::string many;
  for (int i = 0; i < 6; ++i) many += "X: y\r\n";
  EXPECT_EQ(post_refused_with(many), 431);
  EXPECT_EQ(post_refused_with("X: " + std::string(1000, 'y') + "\r\n"), 431);
  EXPECT_EQ(refused_with("GET /" + std::string(2000, 'y')), 431);
}

TEST_F(RefusalTest, ChunkExtensionsWithoutEnd) {
  EXPECT_EQ(post_refused_with("Transfer-Encoding: chunked\r\n", "1;" + std::string(2000, 'x')),
            400);
  std::string chunks;
  for (int i = 0; i < 5; ++i) chunks += "1;" + std::string(1000, 'x') + "\r\ny\r\n";
  EXPECT_EQ(post_refused_with("Transfer-Encoding: chunked\r\n", chunks), 400);
}

TEST_F(RefusalTest, BodiesOverTheLimitOfTheRoute) {
  config.limits.discard_bytes = 100;
  EXPECT_EQ(post_refused_with("Content-Length: 1001\r\n"), 413);
  EXPECT_EQ(post_refused_with("Content-Length: 9223372036854775807\r\n"), 413);
  EXPECT_EQ(post_refused_with("Transfer-Encoding: chunked\r\n", "3e9\r\n"), 413);
}

TEST_F(RefusalTest, UnknownExpectation) { EXPECT_EQ(post_refused_with("Expect: tea\r\n"), 417); }

TEST_F(RefusalTest, RequestCutShort) {
  start();
  for (const char* request :
       {"GET / HT", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    RawClient client{port};
    client.send(request);
    client.half_close();
    EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 400 ")) << request;
    EXPECT_TRUE(client.is_closed()) << request;
  }
}

TEST_F(RefusalTest, ReplyToATooLargeBodyReachesAClientThatSendsEverythingFirst) {
  start();
  RawClient client{port};
  // NOLINTNEXTLINE(bugprone-string-constructor): large on purpose
  const std::string body(20'000'000, 'x');
  EXPECT_TRUE(client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 20000000\r\n\r\n" + body));
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 413 Content Too Large\r\n"));
  EXPECT_FALSE(client.failure());
}

TEST_F(RefusalTest, DrainingHasAnEnd) {
  config.limits.drain_bytes = 1'000'000;
  start();
  RawClient client{port};
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 900000000\r\n\r\n");
  const std::string piece(1'000'000, 'x');
  int pieces = 0;
  while (pieces < 100 && client.send(piece)) ++pieces;
  EXPECT_LT(pieces, 100) << "the server reads on and on";
}

TEST_F(RefusalTest, SmallBodyOfARefusedRequestDoesNotCostTheConnection) {
  config.limits.discard_bytes = 5000;
  start();
  RawClient client{port};
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000\r\n\r\n" +
              std::string(2000, 'x') + "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\nok"));
}

TEST_F(RefusalTest, AdmissionAnswersBeforeTheBodyIsSent) {
  router.add({.methods = {Method::post},
              .pattern = "/admitted",
              .body_limit = 1000,
              .handle = &echo,
              .admit = [](const RequestHead& head) { return std::optional{by_header(head)}; }});
  start();
  RawClient client{port};
  client.send("POST /admitted HTTP/1.1\r\nHost: h\r\nContent-Length: 500\r\n\r\n");
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 401 "));
  client.send(std::string(500, 'x'));
  client.send(
      "POST /admitted HTTP/1.1\r\nHost: h\r\nAuthorization: yes\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\nok"));
}

TEST_F(RefusalTest, AdmissionThatMustLookSomethingUpAnswersBeforeTheBodyIsSentToo) {
  router.add({.methods = {Method::post},
              .pattern = "/admitted",
              .body_limit = 3,
              .handle = &echo,
              .admit = [](const RequestHead&) -> std::optional<Admission> { return std::nullopt; },
              .look_up = &by_header_later});
  start();
  RawClient client{port};
  client.send("POST /admitted HTTP/1.1\r\nHost: h\r\nContent-Length: 500\r\n\r\n");
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 401 ")) << "not 413: strangers come first";
  client.send(std::string(500, 'x'));
  client.send(
      "POST /admitted HTTP/1.1\r\nHost: h\r\nAuthorization: yes\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\nok"));
}

TEST_F(RefusalTest, WhatAdmissionGrantsReachesTheHandlerOfItsRequestOnly) {
  router.add({.methods = {Method::post},
              .pattern = "/granted",
              .body_limit = 1000,
              .handle = &tell_grant,
              .admit = [](const RequestHead& head) -> std::optional<Admission> {
                Admission admission;
                if (head.header("authorization") == "yes") {
                  admission.grant = std::make_shared<std::string>("a grant");
                }
                return admission;
              }});
  start();
  RawClient client{port};
  client.send("POST /granted HTTP/1.1\r\nHost: h\r\nAuthorization: yes\r\n\r\n");
  EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\na grant"));
  client.send("POST /granted HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\nnone"));
}

TEST_F(RefusalTest, ContinueIsSentOnlyWhenTheBodyIsWanted) {
  start();
  RawClient client{port};
  client.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_THAT(client.read_reply(), EndsWith("\r\n\r\nok"));
  client.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 200 ")) << "the body was there already";
  client.send("POST /no HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 404 "));
  client.half_close();
  EXPECT_TRUE(client.is_closed()) << "whether the body comes after all is not known";
}

}  // namespace
}  // namespace bellpull::test
