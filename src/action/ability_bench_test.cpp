#include "action/ability_bench.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "action/ability_gates.h"
#include "action/action.h"
#include "action/action_set.h"
#include "action/shape.h"
#include "action/wait.h"
#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "support/no_references.h"
#include "support/run_task.h"

namespace bellpull {
namespace {

using testing::HasSubstr;

// Ends by a cancellation only.
class EndlessAction final : public Action {
 public:
  explicit EndlessAction(bool idempotent) : idempotent_(idempotent) {}
  const ActionShape& shape() const override {
    static const ActionShape shape{.main = "text"};
    return shape;
  }
  bool is_idempotent(const ActionRequest&) const override { return idempotent_; }
  Task<ActionOutcome> execute(ActionRequest) override {
    boost::asio::steady_timer never{co_await boost::asio::this_coro::executor,
                                    boost::asio::steady_timer::time_point::max()};
    co_await never.async_wait(boost::asio::use_awaitable);
    co_return ActionOutcome{};
  }

 private:
  const bool idempotent_;
};

class AbilityBenchTest : public testing::Test {
 protected:
  AbilityBenchTest() {
    actions.add("read", std::make_unique<EndlessAction>(true));
    actions.add("write", std::make_unique<EndlessAction>(false));
    actions.add("wait", std::make_unique<WaitAction>(clock));
    bench.use({actions, references, gates, clock});
  }
  AbilityBench::Tried try_out(std::string instruction) {
    return run_task(context, await_end(std::move(instruction))).value();
  }
  Task<Result<AbilityBench::Tried>> await_end(std::string instruction) {
    AbilityBench::Wanted wanted{
        .text = {.name = "x", .description = {}, .instruction = std::move(instruction)},
        .input = {},
        .context = {},
        .idempotency_key = {},
        .record = [this](AbilityBench::Tried tried) { return record(std::move(tried)); }};
    const auto trial = bench.start(bench.enter(account), std::move(wanted), context.get_executor());
    while (trial->ended() == nullptr) co_await trial->wait(std::chrono::seconds{10});
    co_return *trial->ended();
  }
  Task<void> record(AbilityBench::Tried /*tried*/) {
    ++recorded;
    co_return;
  }

  const AccountKey account{1};
  boost::asio::io_context context{1};
  SystemClock clock;
  Log log{LogFormat::text, LogLevel::error};
  ActionSet actions;
  NoReferences references;
  AbilityGates gates{0};
  int recorded = 0;
  AbilityBench bench{context.get_executor(),
                     clock,
                     log,
                     {.longest = std::chrono::milliseconds{1}, .of_one_account = 2}};
};

TEST_F(AbilityBenchTest, ACallThatKeepsNoDeadlineIsCutOff) {
  const auto read = try_out("```read\nx\n```");
  EXPECT_TRUE(read.outcome.is_error);
  EXPECT_FALSE(read.outcome.outcome_unknown) << "nothing is lost by another try";
  EXPECT_THAT(std::string{read.outcome.result.at("error").as_string()}, HasSubstr("too long"));

  const auto write = try_out("```write\nx\n```");
  EXPECT_TRUE(write.outcome.outcome_unknown);
  EXPECT_EQ(write.outcome.result.at("error"), "outcome_unknown");
  EXPECT_EQ(recorded, 2);
}

TEST_F(AbilityBenchTest, WhatWouldLetARunWaitSaysUntilWhen) {
  const auto tried = try_out("```wait\n2 hours\n```");
  EXPECT_FALSE(tried.outcome.is_error) << tried.outcome.result;
  EXPECT_FALSE(tried.outcome.waits_until) << "the call is over";
  const auto until = parse_iso(tried.outcome.result.at("waitsUntil").as_string());
  ASSERT_TRUE(until);
  EXPECT_GT(*until, clock.now() + std::chrono::minutes{119});
  EXPECT_LE(*until, clock.now() + std::chrono::hours{2});
}

TEST_F(AbilityBenchTest, AnAccountHasItsPlacesOnly) {
  const auto first = bench.enter(account);
  auto second = bench.enter(account);
  EXPECT_EQ(bench.enter(account), nullptr);
  EXPECT_NE(bench.enter(AccountKey{2}), nullptr);
  second.reset();
  EXPECT_NE(bench.enter(account), nullptr);
}

}  // namespace
}  // namespace bellpull
