#include "trigger/trigger_registry.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "base/result.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "store/store.h"
#include "store/store_fixture.h"
#include "store/transaction.h"
#include "support/troubled_store.h"
#include "trigger/trigger_rate.h"
#include "trigger/trigger_secret.h"
#include "vault/vault.h"

namespace bellpull {
namespace {

// Keeps both reading threads busy, so that what is asked meanwhile waits.
class HeldReaders {
 public:
  HeldReaders(Store& store, boost::asio::io_context& context) : context_(context) {
    for (int reader = 0; reader < 2; ++reader) {
      auto held = store.read([this](const Transaction&) {
        begun_.count_down();
        go_.wait();
        return 0;
      });
      boost::asio::co_spawn(context_, std::move(held), boost::asio::detached);
    }
    context_.poll();
    begun_.wait();
  }
  ~HeldReaders() { release(); }
  HeldReaders(const HeldReaders&) = delete;
  HeldReaders& operator=(const HeldReaders&) = delete;

  void release() {
    if (std::exchange(is_released_, true)) return;
    released_.set_value();
    context_.run();
  }

 private:
  boost::asio::io_context& context_;  // lives until the store has stopped
  std::latch begun_{2};
  std::promise<void> released_;
  std::shared_future<void> go_ = released_.get_future().share();
  bool is_released_ = false;
};

class TriggerRegistryTest : public StoreTest {
 protected:
  using Found = Result<std::shared_ptr<const KnownTrigger>>;

  void SetUp() override {
    StoreTest::SetUp();
    store->stop();
    store = std::make_unique<SqliteStore>(folder, random, clock, log);
    counted = std::make_unique<TroubledStore>(*store);
    registry =
        std::make_unique<TriggerRegistry>(*counted, vault, clock, RateLimit{.per_second = 5});
    store->listen(*registry);
    store->start();
  }

  // Asks, up to where the store is waited for; run() brings the answer.
  std::future<Found> ask(const TriggerId& id) {
    auto asked = boost::asio::co_spawn(context, registry->find(id.text()), boost::asio::use_future);
    context.restart();
    context.poll();
    return asked;
  }
  void run() {
    context.restart();
    context.run();
  }
  Found find(const TriggerId& id) {
    auto asked = ask(id);
    run();
    return asked.get();
  }

  std::vector<TriggerId> add_triggers(std::size_t count) {
    const Trigger first = add_trigger();
    return *transact([&](Transaction& tx) -> Result<std::vector<TriggerId>> {
      std::vector<TriggerId> ids{first.id};
      while (ids.size() < count) {
        Trigger trigger{.account = first.account, .bot = first.bot};
        if (auto kept = tx.triggers().add(trigger); !kept) return std::unexpected(kept.error());
        ids.push_back(trigger.id);
      }
      return ids;
    });
  }

  // Ids of the right form that nobody was given.
  static TriggerId unknown_id(std::size_t number) {
    TriggerId id{.key = {static_cast<std::int64_t>(number) + 1}};
    id.tag[0] = static_cast<std::uint8_t>(number >> 8);
    id.tag[1] = static_cast<std::uint8_t>(number);
    id.tag[2] = 0xFF;
    return id;
  }

  const Vault vault = *Vault::from_hex(std::string(64, 'a'));
  std::unique_ptr<TroubledStore> counted;
  std::unique_ptr<TriggerRegistry> registry;
  boost::asio::io_context context;
};

TEST_F(TriggerRegistryTest, ThousandsAreFoundAtOnceAfterAStart) {
  const std::vector<TriggerId> ids = add_triggers(3'000);
  std::vector<std::future<Found>> asked;
  for (const TriggerId& id : ids) asked.push_back(ask(id));
  run();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Found found = asked[i].get();
    ASSERT_TRUE(found) << i << ": " << found.error().message;
    EXPECT_EQ((*found)->key, ids[i].key);
    EXPECT_TRUE(registry->recall(ids[i].text()));
  }
}

TEST_F(TriggerRegistryTest, AFloodOfUnknownIdsShutsNobodyOut) {
  const TriggerId real = add_trigger().id;
  std::vector<std::future<Found>> asked;
  for (std::size_t i = 0; i < 5'000; ++i) asked.push_back(ask(unknown_id(i)));
  auto known = ask(real);
  run();
  EXPECT_TRUE(known.get());
  for (auto& one : asked) EXPECT_EQ(one.get().error().code, ErrorCode::not_found);
}

TEST_F(TriggerRegistryTest, WhoAsksWhileTheReadersAreBusySharesOneRead) {
  const TriggerId id = add_trigger().id;
  HeldReaders readers{*store, new_context()};
  std::vector<std::future<Found>> known;
  std::vector<std::future<Found>> unknown;
  for (std::size_t i = 0; i < 100; ++i) {
    known.push_back(ask(id));
    unknown.push_back(ask(unknown_id(i)));
  }
  readers.release();
  run();
  for (auto& one : known) EXPECT_TRUE(one.get());
  for (auto& one : unknown) EXPECT_EQ(one.get().error().code, ErrorCode::not_found);
  EXPECT_EQ(counted->reads, 1);
}

TEST_F(TriggerRegistryTest, AReadThatFailsFailsForAllWhoShareIt) {
  const TriggerId id = add_trigger().id;
  counted->reads_are_lost = true;
  HeldReaders readers{*store, new_context()};
  auto first = ask(id);
  auto second = ask(id);
  readers.release();
  run();
  EXPECT_THROW([[maybe_unused]] const auto found = first.get(), StoreUnavailable);
  EXPECT_THROW([[maybe_unused]] const auto found = second.get(), StoreUnavailable);

  counted->reads_are_lost = false;
  EXPECT_TRUE(find(id)) << "the next one reads again";
}

TEST_F(TriggerRegistryTest, WhatIsReadIsKeptUnlessThisVeryTriggerChanged) {
  const TriggerId first = add_trigger().id;
  const TriggerId second = add_trigger().id;
  {
    HeldReaders readers{*store, new_context()};
    ask(first);
    ask(second);
    registry->trigger_changed(second.key);
  }
  run();
  EXPECT_TRUE(registry->recall(first.text()));
  EXPECT_FALSE(registry->recall(second.text()));
}

TEST_F(TriggerRegistryTest, AnUpdateForgetsTheTrigger) {
  Trigger trigger = add_trigger();
  ASSERT_TRUE(find(trigger.id));
  trigger.authenticate = false;
  ++trigger.version;
  ASSERT_TRUE(transact([&](Transaction& tx) { return tx.triggers().update(trigger); }));
  EXPECT_FALSE(registry->recall(trigger.id.text()));
  EXPECT_FALSE((*find(trigger.id))->authenticate);
}

TEST_F(TriggerRegistryTest, AnUpdateDoesNotRefillTheTriggersRate) {
  Trigger trigger = add_trigger();
  const auto events = [&](int tries) {
    int taken = 0;
    const auto known = *find(trigger.id);
    for (int i = 0; i < tries; ++i) {
      if (known->rate->take(clock.steady_now()) == SteadyTime::duration{0}) ++taken;
    }
    return taken;
  };
  EXPECT_EQ(events(4), 4);
  ++trigger.version;
  ASSERT_TRUE(transact([&](Transaction& tx) { return tx.triggers().update(trigger); }));
  EXPECT_EQ(events(4), 1);
  trigger = add_trigger();
  EXPECT_EQ(events(4), 4) << "another trigger has its own";
}

TEST_F(TriggerRegistryTest, ATriggersOwnLimitIsKeptUntilItChanges) {
  Trigger trigger = add_trigger();
  const auto limit_to = [&](std::int64_t per_minute) {
    trigger.rate_limit = per_minute;
    ASSERT_TRUE(transact([&](Transaction& tx) { return tx.triggers().update(trigger); }));
  };
  const auto takes_one = [&] {
    return (*find(trigger.id))->rate->take(clock.steady_now()) == SteadyTime::duration{0};
  };
  limit_to(1);
  EXPECT_TRUE(takes_one());
  trigger.name = "another";
  limit_to(1);
  EXPECT_FALSE(takes_one()) << "an update of something else refills nothing";
  limit_to(2);
  EXPECT_TRUE(takes_one());
}

TEST_F(TriggerRegistryTest, APreviousSecretIsGoodUntilItsTime) {
  Trigger trigger = add_trigger();
  trigger.sealed_secret = vault.seal("new", trigger_secret_place(trigger.id.key));
  trigger.sealed_previous_secret = vault.seal("old", trigger_secret_place(trigger.id.key));
  trigger.previous_secret_until = clock.now() + std::chrono::seconds{10};
  ASSERT_TRUE(transact([&](Transaction& tx) { return tx.triggers().update(trigger); }));
  const auto known = *find(trigger.id);
  EXPECT_TRUE(is_secret_of(*known, "new", clock));
  EXPECT_TRUE(is_secret_of(*known, "old", clock));
  EXPECT_FALSE(is_secret_of(*known, "", clock));
  clock.advance(std::chrono::seconds{10});
  EXPECT_TRUE(is_secret_of(*known, "new", clock));
  EXPECT_FALSE(is_secret_of(*known, "old", clock));
}

TEST_F(TriggerRegistryTest, AChangeOfAnAccountForgetsItsTriggersOnly) {
  const Trigger mine = add_trigger();
  const Trigger other = add_trigger();
  ASSERT_TRUE(find(mine.id) && find(other.id));
  ASSERT_TRUE(transact([&](Transaction& tx) {
    Account account = *tx.accounts().find(mine.account);
    account.state = AccountState::disabled;
    return tx.accounts().update(account);
  }));
  EXPECT_FALSE(registry->recall(mine.id.text()));
  EXPECT_TRUE(registry->recall(other.id.text()));
  EXPECT_TRUE((*find(mine.id))->account_is_disabled);
}

}  // namespace
}  // namespace bellpull
