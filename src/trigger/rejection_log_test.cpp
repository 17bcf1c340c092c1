#include "trigger/rejection_log.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "domain/ids.h"
#include "store/list.h"
#include "store/rejected_requests.h"
#include "store/store_fixture.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

class RejectionLogTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    rejections = std::make_unique<RejectionLog>(context.get_executor(), *store, clock, log);
  }
  void note(std::int64_t trigger, const std::string& address) {
    rejections->note(TriggerKey{trigger}, AccountKey{1}, RejectionCause::not_authenticated,
                     address);
  }

  boost::asio::io_context context;
  std::unique_ptr<RejectionLog> rejections;
};

TEST_F(RejectionLogTest, EqualRefusalsAreOneEntry) {
  for (int i = 0; i < 1'000; ++i) note(1, "192.0.2.7");
  const std::vector<RejectedRequests> taken = rejections->take();
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].count, 1'000);
  EXPECT_TRUE(rejections->take().empty());
}

TEST_F(RejectionLogTest, FurtherAddressesOfATriggerCountTogether) {
  for (int i = 0; i < 1'000; ++i) note(1, std::to_string(i));
  note(2, "a");
  std::int64_t counted = 0;
  std::size_t of_first = 0;
  for (const RejectedRequests& one : rejections->take()) {
    counted += one.count;
    if (one.trigger == TriggerKey{1}) ++of_first;
  }
  EXPECT_EQ(counted, 1'001) << "none is left out";
  EXPECT_EQ(of_first, RejectionLog::max_addresses + 1);
}

TEST_F(RejectionLogTest, AFloodOverManyTriggersTakesLittleMemory) {
  for (int i = 0; i < 10'000; ++i) note(i + 1, "a");
  EXPECT_EQ(rejections->take().size(), RejectionLog::max_entries);
}

TEST_F(RejectionLogTest, AStopWritesWhatWasNoted) {
  for (int i = 0; i < 50; ++i) note(i + 1, "a");
  auto stopped = boost::asio::co_spawn(context, rejections->stop(), boost::asio::use_future);
  context.run();
  stopped.get();
  const auto kept = read([](const Transaction& tx) {
    return tx.rejected().look({.account = AccountKey{1}, .page = {.take = 100}}).rows.size();
  });
  EXPECT_EQ(kept, 50U);
}

}  // namespace
}  // namespace bellpull
