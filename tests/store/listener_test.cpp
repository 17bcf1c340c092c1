// What a store tells its listeners.
#include <chrono>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/result.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "sqlite/sqlite_store.h"
#include "store/accept.h"
#include "store/changes.h"
#include "store/run_records.h"
#include "store/store.h"
#include "store/store_fixture.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

TEST_F(StoreTest, AnEndedRunNamesTheNextOfItsSession) {
  store->stop();
  store = std::make_unique<SqliteStore>(folder, random, clock, log);
  Changes changes;
  store->listen(changes);
  store->start();
  const Trigger trigger = add_trigger();
  const SessionKey session = SessionKey::named("s");
  const Acceptance first = accept(trigger, "1", session);
  const Acceptance second = accept(trigger, "2", session);
  const auto claimed = claim(first.event);
  ASSERT_TRUE(claimed);
  changes.take();

  ASSERT_TRUE(finish(claimed->lease));

  const std::vector<RunChange> told = changes.take();
  ASSERT_EQ(told.size(), 1);
  EXPECT_EQ(told[0].run.state, RunState::succeeded);
  ASSERT_TRUE(told[0].next);
  EXPECT_EQ(told[0].next->run, run_of(second.event));
  store->stop();
}

class Configurations final : public StoreListener {
 public:
  void runs_changed(std::span<const RunChange> /*changes*/) override {}
  void trigger_changed(TriggerKey /*trigger*/) override { ++triggers_; }
  void configuration_changed(AccountKey account) override { accounts_.push_back(account); }
  void reopened() override {}

  // Read when the change has been answered, which is after it was told of.
  int triggers() const { return triggers_; }
  std::vector<AccountKey> take() { return std::exchange(accounts_, {}); }

 private:
  int triggers_ = 0;
  std::vector<AccountKey> accounts_;
};

TEST_F(StoreTest, AChangedConfigurationIsToldWithItsAccountAndAFiredTriggerIsNoChange) {
  store->stop();
  store = std::make_unique<SqliteStore>(folder, random, clock, log);
  Configurations told;
  store->listen(told);
  store->start();
  Trigger trigger = add_trigger();
  EXPECT_EQ(told.take(), std::vector{trigger.account});
  const Trigger other = add_trigger();
  EXPECT_EQ(told.take(), std::vector{other.account});
  const int triggers = told.triggers();

  trigger.last_trigger_at = clock.now();
  trigger.next_trigger_at = clock.now() + 1h;
  ASSERT_TRUE(transact([&](Transaction& tx) { return tx.triggers().update(trigger); }));
  EXPECT_TRUE(told.take().empty());
  EXPECT_EQ(told.triggers(), triggers);
  const auto kept = read([&](const Transaction& tx) { return tx.triggers().find(trigger.id); });
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->last_trigger_at, trigger.last_trigger_at);

  trigger.name = "Renamed";
  ASSERT_TRUE(transact([&](Transaction& tx) { return tx.triggers().update(trigger); }));
  EXPECT_EQ(told.take(), std::vector{trigger.account});
  ASSERT_TRUE(
      transact([&](Transaction& tx) -> Result<bool> { return tx.bots().remove(other.bot->key); }));
  EXPECT_EQ(told.take(), std::vector{other.account});
  store->stop();
}

}  // namespace
}  // namespace bellpull
