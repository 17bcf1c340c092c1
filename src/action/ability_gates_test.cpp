#include "action/ability_gates.h"

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class AbilityGatesTest : public testing::Test {
 protected:
  static SteadyTime later() {
    return std::chrono::time_point_cast<Duration>(SteadyTime::clock::now() + 10s);
  }

  Task<void> hold(std::string name, std::size_t limit, SteadyTime deadline) {
    auto pass = co_await gates.enter(AbilityKey{1}, limit, deadline);
    log.push_back((pass ? "in " : "late ") + name);
    if (pass) passes.push_back(std::move(*pass));
  }
  void start(const std::string& name, std::size_t limit = 2, SteadyTime deadline = later()) {
    boost::asio::co_spawn(context, hold(name, limit, deadline), boost::asio::detached);
    run();
  }
  void run() {
    context.restart();
    context.poll();
  }

  boost::asio::io_context context{1};
  AbilityGates gates{0};
  std::vector<AbilityGates::Pass> passes;
  std::vector<std::string> log;
};

TEST_F(AbilityGatesTest, NoMoreThanTheLimitAreInAndTheOthersFollowInOrder) {
  for (const auto* name : {"a", "b", "c", "d"}) start(name);
  EXPECT_EQ(log, (std::vector<std::string>{"in a", "in b"}));
  passes.erase(passes.begin());
  start("e");
  EXPECT_EQ(log, (std::vector<std::string>{"in a", "in b", "in c"}))
      << "not the one that came last";
  passes.clear();
  run();
  EXPECT_EQ(log, (std::vector<std::string>{"in a", "in b", "in c", "in d", "in e"}));
}

TEST_F(AbilityGatesTest, ADeadlineEndsTheWaiting) {
  start("a", 1);
  start("b", 1, SteadyTime{});
  EXPECT_EQ(log, (std::vector<std::string>{"in a", "late b"}));
  passes.clear();
  start("c", 1);
  EXPECT_EQ(log.back(), "in c");
}

TEST_F(AbilityGatesTest, ACanceledOneLeavesItsPlaceToTheNext) {
  start("a", 1);
  boost::asio::cancellation_signal cancel;
  bool thrown = false;
  boost::asio::co_spawn(
      context, hold("b", 1, later()),
      boost::asio::bind_cancellation_slot(
          cancel.slot(), [&](const std::exception_ptr& why) { thrown = why != nullptr; }));
  run();
  start("c", 1);
  cancel.emit(boost::asio::cancellation_type::terminal);
  run();
  EXPECT_TRUE(thrown);
  passes.clear();
  run();
  EXPECT_EQ(log, (std::vector<std::string>{"in a", "in c"}));
}

TEST_F(AbilityGatesTest, WithoutALimitNobodyWaits) {
  for (int i = 0; i < 100; ++i) start("x", 0);
  EXPECT_EQ(passes.size(), 100U);
}

}  // namespace
}  // namespace bellpull
