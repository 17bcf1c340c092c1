#include "schedule/scheduler.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/result.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "schedule/occurrence_event.h"
#include "store/scheduler_fixture.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_F(SchedulerTest, AnOccurrenceBecomesTheEventThatTheContractNames) {
  start_scheduler();
  const Trigger trigger = add_scheduled("*/10 * * * *");
  pass(minutes{10} - Duration{1});
  EXPECT_EQ(fired(trigger), Times{}) << "not before its time";
  pass(Duration{1});
  ASSERT_EQ(fired(trigger), Times{"08:10:00"});

  const RunId run = run_of(events(trigger)[0].id);
  const Event event = read([run](const Transaction& tx) {
                        return tx.runs().find(run, RunStore::Body::with);
                      })->event;
  EXPECT_EQ(event.source, EventSource::schedule);
  EXPECT_EQ(event.body, R"({"type":"invoke","reason":"scheduled to run */10 * * * *"})");
  EXPECT_EQ(event.session.text(), SessionKey::schedule("*/10 * * * *").text());
  EXPECT_EQ(event.content_type, "application/json");
  EXPECT_TRUE(event.contact.empty());

  const Trigger after = fetch(trigger);
  EXPECT_EQ(after.last_trigger_at, clock.now());
  EXPECT_EQ(after.next_trigger_at, clock.now() + minutes{10});
}

TEST_F(SchedulerTest, AnOccurrenceSendsWhatItsOwnerSet) {
  start_scheduler();
  const Trigger trigger = add_scheduled("*/10 * * * *", [](Trigger& one) {
    one.schedule_body = "Write the report.";
    one.schedule_session = "reports";
    one.schedule_contact = write_contact_claim({.name = "Ann", .email = "ann@example.com"});
  });
  pass(minutes{10});
  const auto fires = events(trigger);
  ASSERT_EQ(fires.size(), 1);
  EXPECT_EQ(fires[0].session.text(), SessionKey::named("reports").text());
  EXPECT_EQ(fires[0].contact.email, "ann@example.com");
  EXPECT_EQ(fires[0].content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(fires[0].body_size, 17);
}

TEST_F(SchedulerTest, ARestartForgetsNoSchedule) {
  const Trigger trigger = [this] {
    start_scheduler();
    return add_scheduled("*/10 * * * *");
  }();
  start_scheduler();
  pass(minutes{10});
  start_scheduler();
  EXPECT_EQ(fired(trigger), Times{"08:10:00"}) << "nor does it repeat what has fired";
  pass(minutes{10});
  EXPECT_EQ(fired(trigger), (Times{"08:10:00", "08:20:00"}));
}

TEST_F(SchedulerTest, ARestartBetweenTheDueTimeAndTheCommitFiresItOnce) {
  start_scheduler();
  const Trigger trigger = add_scheduled("*/10 * * * *");
  clock.advance(minutes{10});
  // The time has come, and the process ends before anything is kept.
  start_scheduler();
  EXPECT_EQ(fired(trigger), Times{"08:10:00"});
}

TEST_F(SchedulerTest, TwoSchedulersOnOneStoreFireEachOccurrenceOnce) {
  boost::asio::io_context other_context;
  std::unique_ptr<Scheduler> other;
  with_store = [&] {
    other = std::make_unique<Scheduler>(other_context.get_executor(), *store, clock,
                                        SchedulerSettings{}, log);
    store->listen(*other);
  };
  start_scheduler();
  std::vector<Trigger> triggers;
  for (int i = 0; i < 20; ++i) triggers.push_back(add_scheduled("* * * * *"));
  other->start();
  for (int minute = 0; minute < 5; ++minute) {
    clock.advance(minutes{1});
    scheduler->look();
    other->look();
    for (int i = 0; i < 5; ++i) {
      other_context.restart();
      other_context.poll();
      settle();
      other->look();
    }
  }
  for (const Trigger& trigger : triggers) {
    EXPECT_EQ(fired(trigger), (Times{"08:01:00", "08:02:00", "08:03:00", "08:04:00", "08:05:00"}));
  }
  EXPECT_GT(other->counts().scheduled, 0) << "it competes to the end";
  boost::asio::co_spawn(other_context, other->stop(), boost::asio::detached);
  other_context.restart();
  other_context.run();
  stop_scheduler();  // and the store, which tells both
}

TEST_F(SchedulerTest, AnEditAfterTheClockWasSetBackFiresNoDueTimeTwice) {
  start_scheduler();
  const Trigger trigger = add_scheduled("*/10 * * * *");
  pass(minutes{10});
  clock.step(-minutes{5});
  update(trigger, [&](Trigger& row) {
    row.schedule = "*/5 * * * *";
    row.next_due_at = row.next_trigger_at = clock.now() + minutes{5};  // 08:10, once more
  });
  settle();
  pass(minutes{5});
  EXPECT_EQ(fired(trigger), Times{"08:10:00"});
  pass(minutes{5});
  EXPECT_EQ(fired(trigger), (Times{"08:10:00", "08:15:00"}));
}

TEST_F(SchedulerTest, AClockThatIsSetForwardMissesByThePolicy) {
  start_scheduler();
  const Trigger none =
      add_scheduled("0 * * * *", [](Trigger& one) { one.schedule_catch_up = CatchUp::none; });
  const Trigger last = add_scheduled("0 * * * *");
  const Trigger all =
      add_scheduled("0 * * * *", [](Trigger& one) { one.schedule_catch_up = CatchUp::all; });
  clock.step(hours{3} + minutes{30});
  scheduler->look();
  settle();
  EXPECT_EQ(fired(none), Times{});
  EXPECT_EQ(fired(last), Times{"11:00:00"});
  EXPECT_EQ(fired(all), (Times{"09:00:00", "10:00:00", "11:00:00"}));
  EXPECT_EQ(told(none, "miss").size(), 1);
  EXPECT_EQ(
      told(none, "miss")[0],
      R"({"count":3,"firstDueAt":"2027-01-15T09:00:00.000Z","lastDueAt":"2027-01-15T11:00:00.000Z"})");
  EXPECT_EQ(told(all, "miss").size(), 0);
  EXPECT_EQ(scheduler->counts().missed, 5);
  EXPECT_EQ(fetch(none).next_trigger_at, fetch(all).next_trigger_at);
  EXPECT_EQ(fetch(none).last_trigger_at, std::nullopt) << "it did not fire";
}

TEST_F(SchedulerTest, ALongBacklogIsMadeUpForInOrderAndOnce) {
  start_scheduler();
  const Trigger trigger =
      add_scheduled("* * * * *", [](Trigger& one) { one.schedule_catch_up = CatchUp::all; });
  clock.step(minutes{75});
  scheduler->look();
  for (int i = 0; i < 6; ++i) settle();
  const auto times = fired(trigger);
  ASSERT_EQ(times.size(), 75);
  EXPECT_EQ(times.front(), "08:01:00");
  EXPECT_EQ(times.back(), "09:15:00");
}

TEST_F(SchedulerTest, AnOccurrenceIsSkippedWhileTheOneBeforeRuns) {
  start_scheduler();
  const Trigger trigger =
      add_scheduled("* * * * *", [](Trigger& one) { one.schedule_overlap = Overlap::skip; });
  pass(minutes{1});
  pass(minutes{1});
  EXPECT_EQ(fired(trigger), Times{"08:01:00"});
  EXPECT_EQ(told(trigger, "skip"),
            Times{R"({"dueAt":"2027-01-15T08:02:00.000Z","reason":"overlap"})"});
  EXPECT_EQ(fetch(trigger).last_trigger_at, clock.now() - minutes{1});
  end_run(events(trigger)[0], RunState::failed);
  pass(minutes{1});
  EXPECT_EQ(fired(trigger), (Times{"08:01:00", "08:03:00"}));
}

TEST_F(SchedulerTest, ALongSeriesOfSkipsIsToldWhenItBeginsEveryHourAndWhenItEnds) {
  start_scheduler();
  const Trigger trigger =
      add_scheduled("* * * * *", [](Trigger& one) { one.schedule_overlap = Overlap::skip; });
  for (int i = 0; i < 70; ++i) pass(minutes{1});
  EXPECT_EQ(told(trigger, "skip").size(), 2);
  EXPECT_EQ(scheduler->counts().overlapped, 69);
  end_run(events(trigger)[0], RunState::succeeded);
  pass(minutes{1});
  EXPECT_EQ(
      told(trigger, "skip"),
      (Times{
          R"({"count":8,"firstDueAt":"2027-01-15T09:03:00.000Z","lastDueAt":"2027-01-15T09:10:00.000Z","reason":"overlap"})",
          R"({"count":60,"firstDueAt":"2027-01-15T08:03:00.000Z","lastDueAt":"2027-01-15T09:02:00.000Z","reason":"overlap"})",
          R"({"dueAt":"2027-01-15T08:02:00.000Z","reason":"overlap"})"}))
      << "the newest first";
  pass(minutes{1});
  EXPECT_EQ(told(trigger, "skip").size(), 4) << "the next series begins";
}

TEST_F(SchedulerTest, OverlapsQueueUnlessTheyAreToBeSkipped) {
  start_scheduler();
  const Trigger trigger = add_scheduled("* * * * *");
  pass(minutes{1});
  pass(minutes{1});
  EXPECT_EQ(fired(trigger), (Times{"08:01:00", "08:02:00"}));
}

TEST_F(SchedulerTest, FailuresInARowPauseTheScheduleAtOnce) {
  start_scheduler();
  const Trigger trigger =
      add_scheduled("* * * * *", [](Trigger& one) { one.schedule_pause_after = 2; });
  const RunState ends[] = {RunState::failed, RunState::succeeded, RunState::dead,
                           RunState::canceled, RunState::incomplete};
  for (const RunState end : ends) {
    EXPECT_EQ(fetch(trigger).schedule_state, ScheduleState::active);
    pass(minutes{1});
    end_run(events(trigger).back(), end);
  }
  const Trigger paused = fetch(trigger);
  EXPECT_EQ(paused.schedule_state, ScheduleState::paused);
  EXPECT_EQ(paused.schedule_error, "paused: the last 2 scheduled runs did not succeed");
  EXPECT_EQ(paused.next_trigger_at, std::nullopt);
  EXPECT_EQ(told(trigger, "pause").size(), 1);
  pass(minutes{5});
  EXPECT_EQ(events(trigger).size(), 5);
}

TEST_F(SchedulerTest, FailuresThatNobodySawPauseTheScheduleInsteadOfItsNextRun) {
  start_scheduler();
  const Trigger trigger =
      add_scheduled("* * * * *", [](Trigger& one) { one.schedule_pause_after = 1; });
  pass(minutes{1});
  stop_scheduler();
  open();
  const auto claimed = claim(events(trigger)[0].id);
  ASSERT_TRUE(finish(claimed->lease, RunState::dead));
  start_scheduler();
  pass(minutes{1});
  EXPECT_EQ(fired(trigger), Times{"08:01:00"});
  EXPECT_EQ(fetch(trigger).schedule_state, ScheduleState::paused);
}

TEST_F(SchedulerTest, FailuresBeforeAResumeDoNotCount) {
  start_scheduler();
  const Trigger trigger =
      add_scheduled("* * * * *", [](Trigger& one) { one.schedule_pause_after = 1; });
  pass(minutes{1});
  end_run(events(trigger)[0], RunState::dead);
  ASSERT_EQ(fetch(trigger).schedule_state, ScheduleState::paused);
  update(trigger, [&](Trigger& row) {
    row.schedule_state = ScheduleState::active;
    row.schedule_error.reset();
    row.schedule_resumed_at = clock.now();
    row.next_due_at = row.next_trigger_at = clock.now() + minutes{1};
  });
  settle();
  pass(minutes{1});
  EXPECT_EQ(fired(trigger), (Times{"08:01:00", "08:02:00"}));
}

TEST_F(SchedulerTest, AScheduleThatCanNotBeReadAnyMoreIsKeptAndItsOwnerTold) {
  start_scheduler();
  const Trigger trigger = add_scheduled("* * * * *");
  update(trigger, [](Trigger& row) { row.timezone = "Mars/Olympus"; });
  pass(minutes{1});
  const Trigger marked = fetch(trigger);
  EXPECT_EQ(marked.schedule, "* * * * *");
  EXPECT_EQ(marked.schedule_state, ScheduleState::invalid);
  EXPECT_NE(marked.schedule_error.value_or("").find("Mars/Olympus"), std::string::npos);
  EXPECT_EQ(told(trigger, "error").size(), 1);
  EXPECT_EQ(fired(trigger), Times{});
}

TEST_F(SchedulerTest, AnEditOfADueTriggerDecidesWhatFires) {
  start_scheduler();
  const Trigger trigger = add_scheduled("*/10 * * * *");
  clock.advance(minutes{10});
  scheduler->look();  // it is about to be read
  update(trigger, [](Trigger& row) { row.schedule_body = "new"; });
  settle();
  const auto fires = events(trigger);
  ASSERT_EQ(fires.size(), 1);
  EXPECT_EQ(body_of(fires[0]), "new");
}

TEST_F(SchedulerTest, ADeletedTriggerDoesNotFire) {
  start_scheduler();
  const Trigger trigger = add_scheduled("* * * * *");
  update(trigger, [&](Trigger& row) {
    row.deleted_at = clock.now();
    row.next_due_at.reset();
    row.next_trigger_at.reset();
  });
  pass(minutes{1});
  EXPECT_EQ(fired(trigger), Times{});
}

TEST_F(SchedulerTest, ATriggerOfADisabledAccountMovesOnWithoutAnEvent) {
  start_scheduler();
  const Trigger trigger = add_scheduled("* * * * *");
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    Account account = *tx.accounts().find(trigger.account);
    account.state = AccountState::disabled;
    return tx.accounts().update(account);
  }));
  pass(minutes{1});
  EXPECT_EQ(fired(trigger), Times{});
  EXPECT_EQ(fetch(trigger).next_trigger_at, clock.now() + minutes{1});
  EXPECT_EQ(fetch(trigger).last_trigger_at, std::nullopt);
}

TEST_F(SchedulerTest, ManyThatAreDueTogetherAllFire) {
  start_scheduler();
  std::vector<Trigger> triggers;
  for (int i = 0; i < 150; ++i) triggers.push_back(add_scheduled("0 9 * * *"));
  clock.advance(hours{1});
  scheduler->look();
  for (int i = 0; i < 3; ++i) settle();
  EXPECT_EQ(scheduler->counts().fired, 150);
}

}  // namespace
}  // namespace bellpull
