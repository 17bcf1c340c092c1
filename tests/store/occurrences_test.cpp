// Occurrences of schedules: one event each, whoever fires them, and next times in order.
#include "store/occurrences.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/result.h"
#include "base/time.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "sqlite/database.h"
#include "store/accept.h"
#include "store/store_fixture.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class OccurrencesTest : public StoreTest {
 protected:
  Trigger add_due(TimePoint time) {
    Trigger trigger = add_trigger();
    trigger.schedule = "hourly";
    trigger.next_due_at = time;
    trigger.next_trigger_at = time;
    EXPECT_TRUE(transact([&](Transaction& tx) { return tx.triggers().update(trigger); }));
    return trigger;
  }
  static NewEvent event_of(const Trigger& trigger, TimePoint due) {
    return {.trigger = trigger.id.key,
            .account = trigger.account,
            .trigger_version = trigger.version,
            .source = EventSource::schedule,
            .received_at = due,
            .method = "POST",
            .content_type = "text/plain",
            .headers = "{}",
            .body = "x",
            .scheduled_at = due};
  }
  std::optional<EventId> add(const Trigger& trigger, TimePoint due) {
    return *transact([&](Transaction& tx) -> Result<std::optional<EventId>> {
      return tx.occurrences().add(event_of(trigger, due));
    });
  }
  bool advance(const Trigger& read, TimePoint to) {
    return *transact([&](Transaction& tx) -> Result<bool> {
      return tx.occurrences().advance(read, {.due_at = to, .fires_at = to});
    });
  }
  void end(EventId event, RunState state) {
    const auto claimed = claim(event);
    ASSERT_TRUE(claimed);
    ASSERT_TRUE(finish(claimed->lease, state));
  }
  std::vector<NextTime> next_times(const NextTime& after = {}, std::int64_t limit = 100) {
    return read([&](const Transaction& tx) { return tx.occurrences().next_times(after, limit); });
  }
};

TEST_F(OccurrencesTest, ADueTimeOfATriggerHasOneEvent) {
  const Trigger trigger = add_due(clock.now());
  const Trigger other = add_due(clock.now());
  const auto first = add(trigger, clock.now());
  ASSERT_TRUE(first);
  EXPECT_EQ(add(trigger, clock.now()), std::nullopt);
  EXPECT_TRUE(add(other, clock.now())) << "of another trigger";
  EXPECT_TRUE(add(trigger, clock.now() + 1ms)) << "at another time";
  reopen();
  EXPECT_EQ(add(trigger, clock.now()), std::nullopt) << "for ever";
  const auto kept = read(
      [&](const Transaction& tx) { return tx.runs().find(run_of(*first), RunStore::Body::with); });
  EXPECT_EQ(kept->event.scheduled_at, clock.now());
  EXPECT_EQ(kept->event.source, EventSource::schedule);
}

TEST_F(OccurrencesTest, TheDatabaseItselfRefusesASecondOne) {
  const Trigger trigger = add_due(clock.now());
  ASSERT_TRUE(add(trigger, clock.now()));
  store->stop();
  Database database{folder / "bellpull.db", OpenMode::create};
  EXPECT_THROW(database.execute("insert into events (id, trigger, account, source, received_at, "
                                "method, content_type, query, headers, session, scheduled_at) "
                                "select 99, trigger, account, source, received_at, method, "
                                "content_type, query, headers, session, scheduled_at from events"),
               SqliteError);
}

TEST_F(OccurrencesTest, EventsThatNobodyScheduledAreAsManyAsComeIn) {
  const Trigger trigger = add_trigger();
  EXPECT_EQ(accept(trigger, "a").outcome, AcceptOutcome::kept);
  EXPECT_EQ(accept(trigger, "a").outcome, AcceptOutcome::kept);
}

TEST_F(OccurrencesTest, AScheduleMovesOnOnlyFromWhereItWasRead) {
  const Trigger read = add_due(clock.now());
  EXPECT_TRUE(advance(read, clock.now() + 1h));
  EXPECT_FALSE(advance(read, clock.now() + 2h)) << "another scheduler was first";
  EXPECT_EQ(next_times(), (std::vector<NextTime>{{read.id.key, clock.now() + 1h}}));

  Trigger changed = read;
  changed.next_due_at = clock.now() + 1h;
  changed.next_trigger_at = clock.now() + 1h;
  ++changed.version;
  ASSERT_TRUE(transact([&](Transaction& tx) { return tx.triggers().update(changed); }));
  --changed.version;
  EXPECT_FALSE(advance(changed, clock.now() + 2h)) << "it was changed meanwhile";
}

TEST_F(OccurrencesTest, AHaltIsNotDoneToAScheduleThatWasResumedSince) {
  const Trigger read = add_due(clock.now());
  Trigger resumed = read;
  resumed.schedule_resumed_at = clock.now();  // as resume does: the version and the time stay
  ASSERT_TRUE(transact([&](Transaction& tx) { return tx.triggers().update(resumed); }));
  const auto halt = [&](const Trigger& trigger) {
    return *transact([&](Transaction& tx) -> Result<bool> {
      return tx.occurrences().halt(trigger, ScheduleState::paused, "failed");
    });
  };
  EXPECT_FALSE(halt(read));
  EXPECT_TRUE(halt(resumed));
  EXPECT_EQ(next_times(), std::vector<NextTime>{});
}

TEST_F(OccurrencesTest, ANextTimeIsRenewedOnlyWhereItWasRead) {
  const Trigger read = add_due(clock.now() + 1h);
  const auto renew = [&] {
    return *transact([&](Transaction& tx) -> Result<bool> {
      return tx.occurrences().renew(read,
                                    {.due_at = clock.now() + 5h, .fires_at = clock.now() + 6h});
    });
  };
  EXPECT_TRUE(renew());
  EXPECT_EQ(next_times(), (std::vector<NextTime>{{read.id.key, clock.now() + 6h}}));
  EXPECT_FALSE(renew()) << "it has moved on";
}

TEST_F(OccurrencesTest, WhatIsToBeRenewedComesInPages) {
  std::vector<TriggerKey> scheduled;
  for (int i = 0; i < 3; ++i) scheduled.push_back(add_due(clock.now()).id.key);
  add_trigger("without a schedule");
  const auto change = [&](TriggerKey key, const auto& edit) {
    ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
      Trigger row = *tx.triggers().find(key);
      edit(row);
      return tx.triggers().update(row);
    }));
  };
  change(scheduled[0], [](Trigger& row) { row.schedule_state = ScheduleState::paused; });
  change(scheduled[2], [](Trigger& row) { row.schedule_state = ScheduleState::invalid; });
  const auto page = [&](RenewalScope scope, TriggerKey after, std::int64_t rows) {
    return read(
        [&](const Transaction& tx) { return tx.occurrences().to_renew(scope, after, rows); });
  };
  const RenewalPage first = page(RenewalScope::all, TriggerKey{0}, 2);
  EXPECT_EQ(first.triggers, std::vector{scheduled[1]});
  ASSERT_EQ(first.passed, scheduled[1]);
  const RenewalPage rest = page(RenewalScope::all, *first.passed, 3);
  EXPECT_EQ(rest.triggers, std::vector{scheduled[2]});
  EXPECT_EQ(rest.passed, std::nullopt) << "the end";
  EXPECT_EQ(page(RenewalScope::unreadable, TriggerKey{0}, 9).triggers, std::vector{scheduled[2]});
}

TEST_F(OccurrencesTest, ATriggerThatTakesNoEventsHasNoOccurrence) {
  const Trigger trigger = add_due(clock.now());
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    Trigger deleted = trigger;
    deleted.deleted_at = clock.now();
    return tx.triggers().update(deleted);
  }));
  EXPECT_EQ(add(trigger, clock.now()), std::nullopt);
}

TEST_F(OccurrencesTest, NextTimesComeInOrderAndInPages) {
  const Trigger late = add_due(clock.now() + 2h);
  const Trigger first = add_due(clock.now() + 1h);
  const Trigger second = add_due(clock.now() + 1h);
  add_trigger("never");
  const auto page = next_times({}, 2);
  EXPECT_EQ(page, (std::vector<NextTime>{{first.id.key, clock.now() + 1h},
                                         {second.id.key, clock.now() + 1h}}));
  EXPECT_EQ(next_times(page.back()), (std::vector<NextTime>{{late.id.key, clock.now() + 2h}}));
}

TEST_F(OccurrencesTest, TheNewestSaysWhetherTheScheduleOverlaps) {
  const Trigger trigger = add_due(clock.now());
  const auto is_pending = [&] {
    return read(
        [&](const Transaction& tx) { return tx.occurrences().is_one_pending(trigger.id.key); });
  };
  EXPECT_FALSE(is_pending()) << "it never fired";
  const auto first = add(trigger, clock.now());
  accept(trigger, "of somebody else");
  EXPECT_TRUE(is_pending());
  end(*first, RunState::succeeded);
  EXPECT_FALSE(is_pending());
  add(trigger, clock.now() - 1h);
  EXPECT_TRUE(is_pending()) << "fired after the clock was set back";
}

TEST_F(OccurrencesTest, AnOccurrenceIsKnownByItsTriggerAndItsTime) {
  const Trigger trigger = add_due(clock.now());
  const Trigger other = add_due(clock.now());
  add(trigger, clock.now());
  const auto has = [&](const Trigger& one, TimePoint due) {
    return read([&](const Transaction& tx) { return tx.occurrences().has(one.id.key, due); });
  };
  EXPECT_TRUE(has(trigger, clock.now()));
  EXPECT_FALSE(has(trigger, clock.now() + 1ms));
  EXPECT_FALSE(has(other, clock.now()));
}

TEST_F(OccurrencesTest, TheNewestEndsAreOfOccurrencesThatEnded) {
  const Trigger trigger = add_due(clock.now());
  const RunState states[] = {RunState::succeeded, RunState::failed, RunState::canceled,
                             RunState::dead};
  int hour = 0;
  for (const RunState state : states) end(*add(trigger, clock.now() + ++hour * 1h), state);
  add(trigger, clock.now() + 5h);
  const auto ends = [&](std::int64_t limit) {
    return read(
        [&](const Transaction& tx) { return tx.occurrences().newest_ends(trigger.id.key, limit); });
  };
  EXPECT_EQ(ends(10), (std::vector{RunState::dead, RunState::failed, RunState::succeeded}));
  EXPECT_EQ(ends(2), (std::vector{RunState::dead, RunState::failed}));

  Trigger resumed = trigger;
  resumed.schedule_resumed_at = clock.now() + 10h;  // by a clock that is set back then
  ASSERT_TRUE(transact([&](Transaction& tx) { return tx.triggers().update(resumed); }));
  EXPECT_EQ(ends(10), std::vector<RunState>{});
  end(*add(trigger, clock.now()), RunState::failed);
  EXPECT_EQ(ends(10), std::vector{RunState::failed});
}

}  // namespace
}  // namespace bellpull
