// Work in the background: what is too long for one commit.
#include <algorithm>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "base/result.h"
#include "domain/bot.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "sqlite/sqlite_store.h"
#include "store/accept.h"
#include "store/changes.h"
#include "store/run_records.h"
#include "store/store_fixture.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

TEST_F(StoreTest, DeletingATriggerCancelsItsQueuedEventsInTheBackground) {
  Trigger trigger = add_trigger();
  std::vector<Acceptance> events;
  for (int i = 0; i < 250; ++i) events.push_back(accept(trigger, "x"));
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    trigger.deleted_at = clock.now();
    ++trigger.version;
    if (auto kept = tx.triggers().update(trigger); !kept) return kept;
    tx.start_job(trigger.account, JobKind::cancel_trigger_runs, trigger.id.key.value);
    return {};
  }));

  reopen();  // the job goes on over a restart
  const auto pending = [&] {
    return read(
        [&](const Transaction& tx) { return tx.runs().pending(trigger.id.key, 0, 1).size(); });
  };
  // Each pass is answered after the commits before it, so the job gets its turns.
  for (int i = 0; i < 1000 && pending() > 0; ++i) add_trigger("another");

  EXPECT_EQ(pending(), 0);
  const auto last = read([&](const Transaction& tx) {
    return tx.runs().find(run_of(events.back().event), RunStore::Body::without);
  });
  ASSERT_TRUE(last);
  EXPECT_EQ(last->run.state, RunState::canceled);
  EXPECT_EQ(last->run.reason, "trigger deleted");
  EXPECT_EQ(accept(trigger, "x").outcome, AcceptOutcome::trigger_changed);
}

TEST_F(StoreTest, AnAccountsJobDoesNotWaitForAnothersLongOne) {
  store->stop();
  store = std::make_unique<SqliteStore>(folder, random, clock, log);
  Changes changes;
  store->listen(changes);
  store->start();
  const Trigger large = add_trigger();
  const Trigger small = add_trigger();
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    const auto add = [&](const Trigger& trigger, int count) {
      for (int i = 0; i < count; ++i) {
        tx.runs().add({.trigger = trigger.id.key, .account = trigger.account, .headers = "{}"});
      }
    };
    add(large, 500);
    add(small, 50);
    return {};
  }));
  changes.take();

  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    tx.start_job(large.account, JobKind::cancel_trigger_runs, large.id.key.value);
    tx.start_job(small.account, JobKind::cancel_trigger_runs, small.id.key.value);
    return {};
  }));
  std::vector<AccountKey> canceled;
  for (int i = 0; i < 1000 && canceled.size() < 550; ++i) {
    add_trigger("another");  // is answered after the commits before it
    for (const RunChange& change : changes.take()) canceled.push_back(change.run.account);
  }

  ASSERT_EQ(canceled.size(), 550);
  const auto last_of_small = std::ranges::find(canceled.rbegin(), canceled.rend(), small.account);
  EXPECT_LE(canceled.rend() - last_of_small, 100) << "its two chunks came within the first four";
  store->stop();
}

TEST_F(StoreTest, TheAbilitiesOfARemovedSkillsetGoInTheBackgroundAndNoOthers) {
  const Trigger trigger = add_trigger();
  const auto add_skillset = [&](int abilities) {
    return transact([&](Transaction& tx) -> Result<SkillsetKey> {
             Skillset skillset{.account = trigger.account};
             if (auto kept = tx.skillsets().add(skillset); !kept) {
               return std::unexpected(kept.error());
             }
             for (int i = 0; i < abilities; ++i) {
               Ability ability{.account = trigger.account, .skillset = skillset.id};
               if (auto kept = tx.abilities().add(ability); !kept) {
                 return std::unexpected(kept.error());
               }
             }
             return skillset.id.key;
           })
        .value();
  };
  const SkillsetKey removed = add_skillset(60);
  const SkillsetKey kept = add_skillset(3);
  const auto abilities_of = [&](SkillsetKey skillset) {
    return read([&](const Transaction& tx) {
      return tx.abilities()
          .list({.account = trigger.account, .filters = {{"skillset", {skillset.value}}}})
          .size();
    });
  };
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    tx.skillsets().remove(removed);
    tx.start_job(trigger.account, JobKind::remove_abilities, removed.value);
    return {};
  }));
  // Each pass is answered after the commits before it, so the job gets its turns.
  for (int i = 0; i < 1000 && abilities_of(removed) > 0; ++i) add_trigger("another");

  EXPECT_EQ(abilities_of(removed), 0);
  EXPECT_EQ(abilities_of(kept), 3);
}

}  // namespace
}  // namespace bellpull
