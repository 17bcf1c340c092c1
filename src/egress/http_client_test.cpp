#include "egress/http_client.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <expected>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/task.h"
#include "base/time.h"
#include "egress/allow_list.h"
#include "egress/http_call.h"
#include "egress/ip_address.h"
#include "egress/resolver.h"
#include "support/http_stand_in.h"
#include "support/run_task.h"

namespace bellpull {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Names as the test writes them down; what a name server says is a fault to choose.
class ScriptedResolver final : public Resolver {
 public:
  Task<std::expected<std::vector<IpAddress>, LookupFailure>> resolve(
      std::string host, SteadyTime /*deadline*/) override {
    ++asked;
    std::vector<IpAddress> addresses;
    for (const auto& text : names[host]) addresses.push_back(*IpAddress::parse(text));
    if (addresses.empty()) co_return std::unexpected(LookupFailure::unknown_host);
    co_return addresses;
  }

  std::map<std::string, std::vector<std::string>> names;
  std::size_t asked = 0;
};

class HttpClientTest : public testing::Test {
 protected:
  // A call with a name that leads to the stand-in, as "intranet.test" does by the rule below.
  HttpCall call(std::string url) const {
    return {.url = std::move(url), .deadline = clock.steady_now() + seconds{10}};
  }
  std::expected<HttpReply, HttpFailure> send(HttpCall wanted) {
    return run_task(context, client.send(std::move(wanted)));
  }
  std::string cause(HttpCall wanted) {
    const auto reply = send(std::move(wanted));
    return reply ? fmt::format("status {}", reply->status)
                 : std::string(to_string(reply.error().cause));
  }
  std::string cause(std::string url) { return cause(call(std::move(url))); }
  static std::string at(const HttpStandIn& server, std::string_view target,
                        std::string_view host = "intranet.test") {
    return fmt::format("http://{}:{}{}", host, server.port(), target);
  }

  asio::io_context context{1};
  SystemClock clock;
  ScriptedResolver resolver = [] {
    ScriptedResolver made;
    made.names = {{"intranet.test", {"127.0.0.1"}},
                  {"second.test", {"127.0.0.1"}},
                  {"inside.test", {"127.0.0.1"}},
                  {"mixed.test", {"8.8.8.8", "127.0.0.1"}}};
    return made;
  }();
  HttpClient client{context.get_executor(),
                    AllowList::parse({"intranet.test", "second.test"}).value(),
                    {resolver, resolver},
                    clock};
};

StandInReply hello(const StandInRequest& /*request*/) { return {.body = "hello"}; }

TEST_F(HttpClientTest, ACallIsAnsweredAndItsConnectionUsedAgain) {
  const HttpStandIn server(hello);
  HttpCall post = call(at(server, "/a?b=c"));
  post.method = "PUT";
  post.headers = {
      {"X-One", "1"}, {"X-Empty", ""}, {"Host", "evil.test"}, {"Content-Length", "999"}};
  post.body = "some body";
  const auto reply = send(post);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 200U);
  EXPECT_EQ(reply->body, "hello");
  EXPECT_EQ(reply->header("CONTENT-LENGTH"), "5");

  const auto seen = server.requests().at(0);
  EXPECT_EQ(seen.method, "PUT");
  EXPECT_EQ(seen.target, "/a?b=c");
  EXPECT_EQ(seen.body, "some body");
  EXPECT_EQ(seen.header("x-one"), "1");
  EXPECT_EQ(seen.header("host"), fmt::format("intranet.test:{}", server.port()));
  EXPECT_EQ(seen.header("content-type"), "") << "none was given";

  EXPECT_EQ(cause(at(server, "/again")), "status 200");
  EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(HttpClientTest, EveryMethodIsSentAsItIs) {
  const HttpStandIn server([](const StandInRequest& request) {
    if (request.method == "HEAD")
      return StandInReply{.raw = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"};
    return StandInReply{.body = request.method + request.body};
  });
  for (const auto* method : {"GET", "HEAD", "OPTIONS", "DELETE", "POST", "PUT", "PATCH"}) {
    HttpCall one = call(at(server, "/"));
    one.method = method;
    const auto reply = send(one);
    ASSERT_TRUE(reply) << method << reply.error().message;
    EXPECT_EQ(reply->body, std::string_view(method) == "HEAD" ? "" : method);
  }
}

TEST_F(HttpClientTest, TheInsideIsRefusedInEverySpelling) {
  const HttpStandIn server(hello);
  for (const auto* host :
       {"127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]", "0.0.0.0", "inside.test", "INSIDE.test", "inside.test.", "mixed.test",
        "10.0.0.1", "169.254.169.254", "[fd00::1]"}) {
    EXPECT_EQ(cause(at(server, "/", host)), "refused_by_guard") << host;
  }
  EXPECT_EQ(cause(at(server, "/", "intranet.test@127.0.0.1")), "bad_url");
  EXPECT_EQ(server.accepted(), 0U);
}

TEST_F(HttpClientTest, WhatTheOperatorConfiguredIsReachedByItsOwnCallsOnly) {
  const HttpStandIn server(hello);
  HttpCall provider = call(server.url("/v1"));
  provider.allowance = Allowance::for_url(server.url()).value();
  EXPECT_EQ(cause(provider), "status 200");
  EXPECT_EQ(cause(server.url("/v1")), "refused_by_guard") << "the kept connection is not a way in";
  provider.url = fmt::format("http://127.0.0.1:{}/", server.port() + 1);
  EXPECT_EQ(cause(provider), "refused_by_guard");
}

// With one resolver for both, bots' slow names could take every place that a model's calls need.
TEST_F(HttpClientTest, WhatTheOperatorConfiguredIsLookedUpApartFromBotsNames) {
  const HttpStandIn server(hello);
  ScriptedResolver operators;
  operators.names = {{"model.test", {"127.0.0.1"}}};
  HttpClient both(context.get_executor(), {}, {resolver, operators}, clock);
  HttpCall provider = call(at(server, "/", "model.test"));
  provider.allowance = Allowance::for_url(provider.url).value();
  const auto reply = run_task(context, both.send(provider));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 200U);
  EXPECT_EQ(resolver.asked, 0U);

  provider.allowance.reset();
  EXPECT_FALSE(run_task(context, both.send(provider)));
  EXPECT_EQ(operators.asked, 1U);
}

TEST_F(HttpClientTest, ANameThatLeadsElsewhereTheSecondTimeIsJudgedAgain) {
  std::string location;
  const HttpStandIn server([&](const StandInRequest&) {
    return StandInReply{.status = location.empty() ? 200U : 302U,
                        .headers = {{"Location", location}}};
  });
  EXPECT_EQ(cause(at(server, "/")), "status 200");
  EXPECT_EQ(resolver.asked, 1U) << "what was judged is what is connected to";

  resolver.names["intranet.test"] = {"169.254.169.254"};
  EXPECT_EQ(cause(at(server, "/")), "refused_by_guard") << "the kept connection is not a way in";

  // Between two hops of one call.
  resolver.names["second.test"] = {"127.0.0.1"};
  location = at(server, "/end");
  EXPECT_EQ(cause(at(server, "/", "second.test")), "refused_by_guard");
}

TEST_F(HttpClientTest, EachHopOfARedirectIsChecked) {
  std::string location;
  const HttpStandIn server([&](const StandInRequest& request) {
    if (request.target == "/end") return StandInReply{.body = "arrived"};
    return StandInReply{.status = 302, .headers = {{"Location", location}}};
  });
  location = fmt::format("http://127.0.0.1:{}/end", server.port());
  EXPECT_EQ(cause(at(server, "/")), "refused_by_guard");
  location = "http://169.254.169.254/latest/meta-data/";
  EXPECT_EQ(cause(at(server, "/")), "refused_by_guard");
  location = "file:///etc/passwd";
  EXPECT_EQ(cause(at(server, "/")), "bad_url");
  location = "/end";
  const auto reply = send(call(at(server, "/")));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "arrived");
  EXPECT_EQ(reply->url, at(server, "/end"));
}

TEST_F(HttpClientTest, RedirectsAreBoundedAndZeroMeansNone) {
  const HttpStandIn server([](const StandInRequest&) {
    return StandInReply{.status = 307, .headers = {{"Location", "/again"}}};
  });
  EXPECT_EQ(cause(at(server, "/")), "too_many_redirects");
  EXPECT_EQ(server.requests().size(), 6U);
  HttpCall none = call(at(server, "/"));
  none.max_redirects = 0;
  EXPECT_EQ(cause(none), "status 307");
}

TEST_F(HttpClientTest, CredentialsStayWithTheOriginThatTheyAreFor) {
  std::string location;
  const HttpStandIn server([&](const StandInRequest& request) {
    if (request.target == "/end") return StandInReply{};
    return StandInReply{.status = 307, .headers = {{"Location", location}}};
  });
  HttpCall post = call(at(server, "/"));
  post.method = "POST";
  post.body = "{}";
  post.headers = {
      {"Authorization", "Bearer x"}, {"X-Api-Key", "x"}, {"Content-Type", "application/json"}};

  location = "/end";
  EXPECT_EQ(cause(post), "status 200");
  EXPECT_EQ(server.requests().back().header("authorization"), "Bearer x");

  location = at(server, "/end", "second.test");
  EXPECT_EQ(cause(post), "status 200");
  const auto seen = server.requests().back();
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.body, "{}");
  EXPECT_EQ(seen.header("content-type"), "application/json");
  EXPECT_EQ(seen.header("authorization"), "");
  EXPECT_EQ(seen.header("x-api-key"), "");
}

TEST_F(HttpClientTest, AHangingServerIsATimeout) {
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.end = StandInEnd::hang}; });
  HttpCall short_one = call(at(server, "/"));
  short_one.deadline = clock.steady_now() + milliseconds{100};
  EXPECT_EQ(cause(short_one), "timeout");
  EXPECT_TRUE(server.wait_for_closed(1));
  short_one.deadline = clock.steady_now() - seconds{1};
  EXPECT_EQ(cause(short_one), "timeout");
}

TEST_F(HttpClientTest, ABodyThatStopsHalfWayIsATimeout) {
  const HttpStandIn server([](const StandInRequest&) {
    return StandInReply{.body = "0123456789", .end = StandInEnd::hang_in_body};
  });
  HttpCall short_one = call(at(server, "/"));
  short_one.deadline = clock.steady_now() + milliseconds{100};
  EXPECT_EQ(cause(short_one), "timeout");
}

TEST_F(HttpClientTest, CancellingTheTaskClosesTheConnection) {
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.end = StandInEnd::hang}; });
  asio::cancellation_signal cancel;
  std::optional<HttpCause> ended;
  asio::co_spawn(
      context, client.send(call(at(server, "/"))),
      asio::bind_cancellation_slot(
          cancel.slot(), [&](std::exception_ptr, std::expected<HttpReply, HttpFailure> reply) {
            if (!reply) ended = reply.error().cause;
          }));
  while (server.requests().empty()) context.poll();
  cancel.emit(asio::cancellation_type::terminal);
  while (!ended) context.run_one();
  EXPECT_EQ(ended, HttpCause::canceled);
  EXPECT_TRUE(server.wait_for_closed(1));
}

TEST_F(HttpClientTest, ALargeReplyIsCutOrRefused) {
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.body = std::string(100'000, 'x')}; });
  HttpCall limited = call(at(server, "/"));
  limited.response_limit = 60'000;
  EXPECT_EQ(cause(limited), "too_large");
  limited.oversize = Oversize::truncate;
  const auto reply = send(limited);
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->truncated);
  EXPECT_EQ(reply->body.size(), 60'000U);
  limited.response_limit = 100'000;
  EXPECT_FALSE(send(limited)->truncated);
}

TEST_F(HttpClientTest, AStreamGivesTheBodyInPiecesWithItsStatus) {
  const HttpStandIn server([](const StandInRequest& request) {
    if (request.target == "/away") {
      return StandInReply{.status = 302, .headers = {{"Location", "/"}}, .body = "not here"};
    }
    return StandInReply{
        .status = 404, .headers = {{"X-One", "1"}}, .body = std::string(50'000, 'x')};
  });
  std::string body;
  std::size_t pieces = 0;
  const BodyConsumer collect = [&](const HttpReply& head, std::string_view piece) {
    EXPECT_EQ(head.status, 404U);
    EXPECT_EQ(head.header("x-one"), "1");
    body += piece;
    ++pieces;
    return BodyStep::more;
  };
  const auto reply = run_task(context, client.stream(call(at(server, "/away")), collect));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 404U);
  EXPECT_EQ(reply->body, "");
  EXPECT_EQ(body, std::string(50'000, 'x')) << "and nothing of the hop before";
  EXPECT_GT(pieces, 1U);

  HttpCall limited = call(at(server, "/"));
  limited.response_limit = 49'999;
  const auto large = run_task(context, client.stream(limited, collect));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().cause, HttpCause::too_large);

  EXPECT_EQ(run_task(context, client.stream(call(server.url()), collect)).error().cause,
            HttpCause::refused_by_guard);
}

TEST_F(HttpClientTest, WhatAConsumerThrowsIsAFailureAndNothingElseSuffers) {
  const HttpStandIn server([](const StandInRequest&) { return StandInReply{.body = "x"}; });
  const auto broken = run_task(
      context,
      client.stream(call(at(server, "/")), [](const HttpReply&, std::string_view) -> BodyStep {
        throw std::runtime_error("no such thing");
      }));
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().cause, HttpCause::connection_lost);
  EXPECT_TRUE(broken.error().message.ends_with("sent what could not be read: no such thing"));
  EXPECT_TRUE(run_task(context, client.send(call(at(server, "/")))));
}

TEST_F(HttpClientTest, AStreamThatIsEnoughOrCanceledClosesTheConnection) {
  const HttpStandIn server([](const StandInRequest&) {
    return StandInReply{.body = "0123456789", .end = StandInEnd::hang_in_body};
  });
  const auto enough = run_task(
      context, client.stream(call(at(server, "/")),
                             [](const HttpReply&, std::string_view) { return BodyStep::enough; }));
  ASSERT_TRUE(enough) << enough.error().message;
  EXPECT_EQ(enough->status, 200U);
  EXPECT_TRUE(server.wait_for_closed(1));

  asio::cancellation_signal cancel;
  bool arrived = false;
  std::optional<HttpCause> ended;
  asio::co_spawn(
      context,
      client.stream(call(at(server, "/")),
                    [&](const HttpReply&, std::string_view) {
                      arrived = true;
                      return BodyStep::more;
                    }),
      asio::bind_cancellation_slot(
          cancel.slot(), [&](std::exception_ptr, std::expected<HttpReply, HttpFailure> reply) {
            if (!reply) ended = reply.error().cause;
          }));
  context.restart();
  while (!arrived) context.run_one();
  cancel.emit(asio::cancellation_type::terminal);
  while (!ended) context.run_one();
  EXPECT_EQ(ended, HttpCause::canceled);
  EXPECT_TRUE(server.wait_for_closed(2));

  HttpCall short_one = call(at(server, "/"));
  short_one.deadline = clock.steady_now() + milliseconds{100};
  const auto late = run_task(
      context,
      client.stream(short_one, [](const HttpReply&, std::string_view) { return BodyStep::more; }));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().cause, HttpCause::timeout);
}

TEST_F(HttpClientTest, EndlessHeadersAreRefused) {
  const HttpStandIn server([](const StandInRequest&) {
    std::string raw = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 2000; ++i) raw += fmt::format("X-{}: {}\r\n", i, std::string(40, 'y'));
    return StandInReply{.raw = raw + "Content-Length: 0\r\n\r\n"};
  });
  HttpCall cut = call(at(server, "/"));
  cut.oversize = Oversize::truncate;
  EXPECT_EQ(cause(cut), "too_large");
}

TEST_F(HttpClientTest, FailuresOfTheConnectionHaveTheirCause) {
  const HttpStandIn dropping(
      [](const StandInRequest&) { return StandInReply{.end = StandInEnd::drop}; });
  EXPECT_EQ(cause(at(dropping, "/")), "connection_lost");
  const HttpStandIn breaking([](const StandInRequest&) {
    return StandInReply{.body = "0123456789", .end = StandInEnd::break_off};
  });
  EXPECT_EQ(cause(at(breaking, "/")), "connection_lost");
  const HttpStandIn garbage([](const StandInRequest&) {
    return StandInReply{.end = StandInEnd::close, .raw = "this is not HTTP\r\n\r\n"};
  });
  EXPECT_EQ(cause(at(garbage, "/")), "connection_lost");
  std::uint16_t free_port = 0;
  {
    const HttpStandIn gone(hello);
    free_port = gone.port();
  }
  EXPECT_EQ(cause(fmt::format("http://intranet.test:{}/", free_port)), "connect");
  EXPECT_EQ(cause("http://nobody.test/"), "dns");
}

TEST_F(HttpClientTest, AnUnsafeRequestIsNeverSentTwice) {
  // The second answer drops the connection: curl would repeat the request on a kept connection.
  std::size_t count = 0;
  const HttpStandIn server([&](const StandInRequest&) {
    return StandInReply{.end = ++count == 1 ? StandInEnd::keep : StandInEnd::drop};
  });
  EXPECT_EQ(cause(at(server, "/")), "status 200");
  HttpCall post = call(at(server, "/"));
  post.method = "POST";
  post.body = "once";
  EXPECT_EQ(cause(post), "connection_lost");
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(HttpClientTest, ACertificateThatNobodyTrustsIsRefused) {
  const HttpStandIn server(hello, HttpStandIn::Transport::tls);
  HttpCall secure = call(server.url());
  secure.allowance = Allowance::for_url(server.url()).value();
  EXPECT_EQ(cause(secure), "tls");

  const std::string ca_file =
      testing::TempDir() + "/http_client_test_ca_" + std::to_string(::getpid()) + ".pem";
  std::ofstream(ca_file) << server.certificate();
  HttpClient trusting(context.get_executor(), {}, {resolver, resolver}, clock,
                      {.transfers = {.ca_file = ca_file}});
  const auto reply = run_task(context, trusting.send(secure));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->body, "hello");
}

TEST_F(HttpClientTest, NoLineBreakLeavesInAHeader) {
  const HttpStandIn server(hello);
  for (const HttpField& field : {HttpField{"X-A", "1\r\nX-B: 2"}, HttpField{"X-A", "1\n2"},
                                 HttpField{"X-A: 1\r\nX-B", "2"}, HttpField{"", "1"}}) {
    HttpCall bad = call(at(server, "/"));
    bad.headers = {field};
    EXPECT_EQ(cause(bad), "bad_url");
  }
  HttpCall bad = call(at(server, "/"));
  bad.method = "GET / HTTP/1.1\r\nX: y";
  EXPECT_EQ(cause(bad), "bad_url");
  EXPECT_EQ(server.accepted(), 0U);
}

TEST_F(HttpClientTest, TheEnvironmentNamesNoProxy) {
  const HttpStandIn server(hello);
  const HttpStandIn proxy([](const StandInRequest&) { return StandInReply{.status = 418}; });
  // NOLINTBEGIN(misc-include-cleaner): POSIX adds setenv to what cstdlib holds
  setenv("http_proxy", proxy.url().c_str(), 1);
  setenv("ALL_PROXY", proxy.url().c_str(), 1);
  EXPECT_EQ(cause(at(server, "/")), "status 200");
  unsetenv("http_proxy");
  unsetenv("ALL_PROXY");
  // NOLINTEND(misc-include-cleaner)
  EXPECT_EQ(proxy.accepted(), 0U);
}

TEST_F(HttpClientTest, ManySlowCallsRunAtTheSameTime) {
  constexpr std::size_t many = 400;  // under the usual limit of open files
  const HttpStandIn server(
      [](const StandInRequest&) { return StandInReply{.end = StandInEnd::hang}; });
  std::size_t timeouts = 0;
  for (std::size_t i = 0; i < many; ++i) {
    HttpCall slow = call(at(server, "/"));
    slow.deadline = clock.steady_now() + seconds{2};
    asio::co_spawn(context, client.send(slow),
                   [&](std::exception_ptr, std::expected<HttpReply, HttpFailure> reply) {
                     if (!reply && reply.error().cause == HttpCause::timeout) ++timeouts;
                   });
  }
  while (timeouts < many && context.run_one() > 0) {
  }
  EXPECT_EQ(timeouts, many);
  EXPECT_EQ(server.requests().size(), many) << "each reached the server before its deadline";
}

}  // namespace
}  // namespace bellpull
