// What bots remember goes with whom it is about, and what calls did is found again.
#include <cstddef>
#include <thread>

#include <gtest/gtest.h>

#include "base/result.h"
#include "domain/account.h"
#include "domain/bot.h"
#include "domain/contact.h"
#include "domain/ids.h"
#include "domain/memory.h"
#include "store/done_calls.h"
#include "store/removal.h"
#include "store/transaction.h"
#include "store_fixture.h"

namespace bellpull {
namespace {

class MemoriesTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    transact([&](Transaction& rows) -> Result<void> {
      Account made{.name = "a", .created_at = clock.now()};
      if (auto kept = rows.accounts().add(made); !kept) return kept;
      account = made.id.key;
      bot = Bot{.account = account, .name = "Clerk", .created_at = clock.now()};
      if (auto kept = rows.bots().add(bot); !kept) return kept;
      contact = Contact{.account = account, .fingerprint = "ann", .created_at = clock.now()};
      other = Contact{.account = account, .fingerprint = "bob", .created_at = clock.now()};
      if (auto kept = rows.contacts().add(contact); !kept) return kept;
      return rows.contacts().add(other);
    }).value();
    for (const MemoryScope& scope : {of(contact), of(other), of_bot()}) {
      for (int i = 0; i < 60; ++i) remember(scope);
    }
  }
  MemoryScope of(const Contact& one) const {
    return {account, MemoryOf::contact, one.id.key.value};
  }
  MemoryScope of_bot() const { return {account, MemoryOf::bot, bot.id.key.value}; }
  void remember(const MemoryScope& scope) {
    transact([&](Transaction& rows) -> Result<void> {
      Memory memory{.scope = scope, .text = "x", .created_at = clock.now()};
      rows.memories().add(memory);
      return {};
    }).value();
  }
  std::size_t count(const MemoryScope& scope) {
    return read([&](const Transaction& rows) { return rows.memories().list(scope, {}).size(); });
  }
  void wait_until_empty(const MemoryScope& scope) {
    while (count(scope) > 0) std::this_thread::yield();
  }

  AccountKey account;
  Bot bot;
  Contact contact;
  Contact other;
};

TEST_F(MemoriesTest, AnErasedContactLeavesNone) {
  transact([&](Transaction& rows) {
    return rows.contact_records().erase(contact, clock.now());
  }).value();
  const auto has_ended = [&] {
    return read([&](const Transaction& rows) {
      return rows.contact_records().find_erasure(contact.id)->finished_at.has_value();
    });
  };
  while (!has_ended()) std::this_thread::yield();
  EXPECT_EQ(count(of(contact)), 0U) << "when the erasure has ended";
  EXPECT_EQ(count(of(other)), 60U);
  EXPECT_EQ(count(of_bot()), 60U);
}

TEST_F(MemoriesTest, ADeletedContactAndADeletedBotLeaveNone) {
  transact([&](Transaction& rows) -> Result<void> {
    rows.contacts().remove(contact.id.key);
    rows.start_job(account, JobKind::remove_values_of_contact, contact.id.key.value);
    remove_whole(rows, bot);
    return {};
  }).value();
  wait_until_empty(of(contact));
  wait_until_empty(of_bot());
  EXPECT_EQ(count(of(contact)), 0U);
  EXPECT_EQ(count(of_bot()), 0U);
  EXPECT_EQ(count(of(other)), 60U);
}

TEST_F(MemoriesTest, AMergedContactTakesThemOver) {
  transact([&](Transaction& rows) {
    return rows.contact_records().merge(contact, other, clock.now());
  }).value();
  wait_until_empty(of(contact));
  EXPECT_EQ(count(of(contact)), 0U);
  EXPECT_EQ(read([&](const Transaction& rows) {
              return rows.memories().list(of(other), {.after = 0, .take = 100}).size();
            }),
            100U)
      << "a full page of the 120";
}

TEST_F(MemoriesTest, WhatACallDidIsKeptWithItAndForItsTime) {
  transact([&](Transaction& rows) -> Result<void> {
    rows.done_calls().add(account, "key", R"({"id":"x"})", clock.now());
    return {};
  }).value();
  reopen();
  const auto find = [&](AccountKey whose) {
    return read(
        [&](const Transaction& rows) { return rows.done_calls().find(whose, "key", clock.now()); });
  };
  EXPECT_EQ(find(account), R"({"id":"x"})");
  EXPECT_FALSE(find(AccountKey{account.value + 1})) << "a key is its account's";
  clock.advance(done_call_lifetime);
  EXPECT_FALSE(find(account));
  transact([&](Transaction& rows) -> Result<void> {
    rows.done_calls().add(account, "key", R"({"id":"y"})", clock.now());
    return {};
  }).value();
  EXPECT_EQ(find(account), R"({"id":"y"})") << "an old one makes room";
}

}  // namespace
}  // namespace bellpull
