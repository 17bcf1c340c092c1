// Tasks that share a commit.
#include <cstdint>
#include <functional>
#include <future>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "base/result.h"
#include "domain/trigger.h"
#include "sqlite/database.h"
#include "store/accept.h"
#include "store/store.h"
#include "store/store_fixture.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

// Holds the writer in a task of its own, so that what is submitted meanwhile makes one batch.
class OneBatch {
 public:
  using Kept = std::future<Result<bool>>;

  OneBatch(Store& store, boost::asio::io_context& context) : store_(store), context_(context) {
    submit([this] {
      entered_.set_value();
      released_.get_future().wait();
    });
    entered_.get_future().wait();
  }

  Kept submit(std::function<void()> work) {
    const auto keep = [work = std::move(work)](Transaction&) -> Result<bool> {
      work();
      return true;
    };
    Kept kept = boost::asio::co_spawn(context_, store_.transact(keep), boost::asio::use_future);
    context_.restart();
    context_.poll();
    return kept;
  }

  void run() {
    released_.set_value();
    context_.restart();
    context_.run();
  }

 private:
  Store& store_;
  std::promise<void> entered_;
  std::promise<void> released_;
  boost::asio::io_context& context_;
};

[[noreturn]] void take_the_batch_down() { throw SqliteError(1, "of one task only"); }

TEST_F(StoreTest, ATaskThatTakesItsBatchDownDoesNotSlowWhatWasNotInIt) {
  OneBatch batch{*store, new_context()};
  OneBatch::Kept bad = batch.submit(take_the_batch_down);
  std::vector<OneBatch::Kept> others;
  for (int i = 0; i < 600; ++i) others.push_back(batch.submit([] {}));
  const std::int64_t before = store->health().commits;

  batch.run();

  EXPECT_THROW(bad.get(), StoreUnavailable);
  for (OneBatch::Kept& other : others) EXPECT_TRUE(other.get());
  EXPECT_LT(store->health().commits - before, 100);
}

TEST_F(StoreTest, EventsAreTakenBetweenTheTasksOfABatchThatOneTookDown) {
  const Trigger trigger = add_trigger();
  const NewEvent event{.trigger = trigger.id.key,
                       .account = trigger.account,
                       .trigger_version = trigger.version,
                       .body = "body"};
  WaitedBatch arriving;
  arriving.entries.push_back({.event = &event});
  int first_runs = 0;
  int second_runs = 0;
  bool kept_before = false;
  OneBatch batch{*store, new_context()};
  OneBatch::Kept first = batch.submit([&] {
    if (++first_runs == 2) store->accept(arriving);
  });
  OneBatch::Kept second = batch.submit([&] {
    if (++second_runs == 2) kept_before = arriving.entries[0].result.event.value != 0;
  });
  OneBatch::Kept bad = batch.submit(take_the_batch_down);

  batch.run();
  arriving.wait();

  EXPECT_TRUE(first.get());
  EXPECT_TRUE(second.get());
  EXPECT_THROW(bad.get(), StoreUnavailable);
  EXPECT_EQ(second_runs, 2);
  EXPECT_TRUE(kept_before);
}

}  // namespace
}  // namespace bellpull
