#include "egress/resolver.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "egress/ip_address.h"
#include "support/run_task.h"

namespace bellpull {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using Records = std::map<std::string, std::vector<std::string>>;

// A name server on 127.0.0.1 with a list of A records; other names do not exist, and "silent."
// names get no answer.
class DnsStandIn {
 public:
  explicit DnsStandIn(Records records)
      : records_(std::move(records)),
        socket_(context_, udp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    asio::co_spawn(context_, serve(), [](std::exception_ptr) {});
    thread_ = std::thread([this] { context_.run(); });
  }
  ~DnsStandIn() {
    context_.stop();
    thread_.join();
  }
  DnsStandIn(const DnsStandIn&) = delete;
  DnsStandIn& operator=(const DnsStandIn&) = delete;

  std::string server() const {
    return fmt::format("127.0.0.1:{}", socket_.local_endpoint().port());
  }
  std::size_t queries() const { return queries_; }

 private:
  asio::awaitable<void> serve() {
    for (;;) {
      std::array<std::uint8_t, 512> bytes{};
      udp::endpoint from;
      const std::size_t size =
          co_await socket_.async_receive_from(asio::buffer(bytes), from, asio::use_awaitable);
      ++queries_;
      const auto reply = answer(std::span(bytes).first(size));
      if (!reply.empty()) {
        co_await socket_.async_send_to(asio::buffer(reply), from, asio::use_awaitable);
      }
    }
  }

  std::vector<std::uint8_t> answer(std::span<const std::uint8_t> query) const {
    std::string name;
    std::size_t at = 12;
    while (query[at] != 0) {
      name.append(name.empty() ? "" : ".");
      name.append(query.begin() + static_cast<long>(at) + 1,
                  query.begin() + static_cast<long>(at) + 1 + query[at]);
      at += query[at] + 1U;
    }
    if (name.starts_with("silent.")) return {};
    const bool wants_a = query[at + 2] == 1;
    std::vector<std::uint8_t> reply(query.begin(), query.begin() + static_cast<long>(at) + 5);
    const auto found = records_.find(name);
    reply[2] = 0x81;
    reply[3] = found == records_.end() ? 0x83 : 0x80;
    const std::size_t count = found != records_.end() && wants_a ? found->second.size() : 0;
    reply[7] = static_cast<std::uint8_t>(count);
    reply[11] = 0;  // the question's additional records are not repeated
    for (std::size_t i = 0; i < count; ++i) {
      for (const int byte : {0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4}) {
        reply.push_back(static_cast<std::uint8_t>(byte));
      }
      const auto address = IpAddress::parse(found->second[i]).value();
      reply.insert(reply.end(), address.bytes().begin(), address.bytes().end());
    }
    return reply;
  }

  const Records records_;
  asio::io_context context_{1};
  udp::socket socket_;
  std::atomic<std::size_t> queries_ = 0;
  std::thread thread_;
};

class ResolverTest : public testing::Test {
 protected:
  std::string resolve(Resolver& resolver, std::string host,
                      Duration within = std::chrono::seconds{10}) {
    const auto found =
        run_task(context, resolver.resolve(std::move(host), clock.steady_now() + within));
    if (!found) return fmt::format("failure {}", static_cast<int>(found.error()));
    std::string text;
    for (const IpAddress& address : *found) text += address.to_string() + " ";
    return text;
  }

  asio::io_context context{1};
  SystemClock clock;
};

TEST_F(ResolverTest, EveryAddressOfANameIsFound) {
  DnsStandIn dns(Records{{"mixed.test", {"8.8.8.8", "10.0.0.1"}}});
  DnsResolver resolver(context.get_executor(), clock, {.servers = dns.server()});
  const std::string found = resolve(resolver, "mixed.test");
  EXPECT_NE(found.find("8.8.8.8 "), std::string::npos) << found;
  EXPECT_NE(found.find("10.0.0.1 "), std::string::npos) << found;
}

TEST_F(ResolverTest, AnAnswerIsKept) {
  DnsStandIn dns(Records{{"kept.test", {"8.8.8.8"}}});
  DnsResolver resolver(context.get_executor(), clock, {.servers = dns.server()});
  EXPECT_EQ(resolve(resolver, "kept.test"), "8.8.8.8 ");
  const std::size_t queries = dns.queries();
  EXPECT_EQ(resolve(resolver, "kept.test"), "8.8.8.8 ");
  EXPECT_EQ(dns.queries(), queries);
}

TEST_F(ResolverTest, ANameThatDoesNotExistIsUnknown) {
  DnsStandIn dns(Records{});
  DnsResolver resolver(context.get_executor(), clock, {.servers = dns.server()});
  EXPECT_EQ(resolve(resolver, "nobody.test"),
            fmt::format("failure {}", static_cast<int>(LookupFailure::unknown_host)));
}

TEST_F(ResolverTest, ASilentServerIsGivenUpAtTheTimeLimit) {
  DnsStandIn dns(Records{});
  DnsResolver resolver(context.get_executor(), clock,
                       {.servers = dns.server(), .time_limit = std::chrono::milliseconds{150}});
  EXPECT_EQ(resolve(resolver, "silent.test"),
            fmt::format("failure {}", static_cast<int>(LookupFailure::no_answer)));
}

TEST_F(ResolverTest, WhoFindsNoRoomWaitsInLineUntilItsDeadline) {
  DnsStandIn dns(Records{{"next.test", {"8.8.8.8"}}});
  DnsResolver resolver(
      context.get_executor(), clock,
      {.servers = dns.server(), .time_limit = std::chrono::milliseconds{600}, .max_lookups = 1});
  asio::co_spawn(context,
                 resolver.resolve("silent.one", clock.steady_now() + std::chrono::hours{1}),
                 [](std::exception_ptr, auto) {});
  context.poll();
  EXPECT_EQ(resolve(resolver, "next.test", std::chrono::milliseconds{20}),
            fmt::format("failure {}", static_cast<int>(LookupFailure::too_many)));
  EXPECT_EQ(resolve(resolver, "next.test"), "8.8.8.8 ") << "once the silent one was given up";
}

TEST_F(ResolverTest, EachWhoLeavesTheLineLetsTheNextOneIn) {
  DnsStandIn dns(Records{{"a.test", {"8.8.8.8"}}, {"b.test", {"8.8.4.4"}}});
  DnsResolver resolver(
      context.get_executor(), clock,
      {.servers = dns.server(), .time_limit = std::chrono::milliseconds{300}, .max_lookups = 1});
  const SteadyTime deadline = clock.steady_now() + std::chrono::seconds{10};
  const auto begin = [&](std::string host) {
    asio::co_spawn(context, resolver.resolve(std::move(host), deadline),
                   [](std::exception_ptr, auto) {});
  };
  begin("silent.one");
  // The second of a name takes no room of its own when its turn comes.
  for (const char* host : {"a.test", "a.test", "a.test"}) begin(host);
  context.poll();
  EXPECT_EQ(resolve(resolver, "b.test"), "8.8.4.4 ");
}

asio::awaitable<void> look_up_both(Resolver* resolver, std::string first, std::string second,
                                   SteadyTime deadline) {
  co_await resolver->resolve(std::move(first), deadline);
  co_await resolver->resolve(std::move(second), deadline);
}

// Broke once: who asked between the call and the waking of the one in front took its place.
TEST_F(ResolverTest, ANewcomerDoesNotOvertakeTheOneWhoWasCalled) {
  DnsStandIn dns(Records{{"first.test", {"8.8.8.8"}}, {"next.test", {"8.8.4.4"}}});
  DnsResolver resolver(
      context.get_executor(), clock,
      {.servers = dns.server(), .time_limit = std::chrono::seconds{9}, .max_lookups = 1});
  asio::co_spawn(context,
                 look_up_both(&resolver, "first.test", "silent.two",
                              clock.steady_now() + std::chrono::hours{1}),
                 [](std::exception_ptr) {});
  EXPECT_EQ(resolve(resolver, "next.test", std::chrono::seconds{2}), "8.8.4.4 ");
  context.restart();
  context.poll();  // the newcomer leaves the line before the resolver goes
}

TEST_F(ResolverTest, LocalhostIsLoopbackWhoeverSaysOtherwise) {
  DnsStandIn dns(Records{{"localhost", {"8.8.8.8"}}, {"x.localhost", {"8.8.8.8"}}});
  DnsResolver resolver(context.get_executor(), clock, {.servers = dns.server()});
  EXPECT_EQ(resolve(resolver, "localhost"), "127.0.0.1 ::1 ");
  EXPECT_EQ(resolve(resolver, "x.localhost"), "127.0.0.1 ::1 ");
  EXPECT_EQ(dns.queries(), 0U);
}

}  // namespace
}  // namespace bellpull
