// A scheduler whose store refuses, whose triggers fail or have long backlogs, and which is stopped.
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/time.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "schedule/clock_watch.h"
#include "schedule/scheduler.h"
#include "sqlite/database.h"
#include "store/occurrences.h"
#include "store/scheduler_fixture.h"

namespace bellpull {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class SchedulerTroubleTest : public SchedulerTest {
 protected:
  // The store takes nothing for so long; somebody looks twice a minute.
  void refuse_for(minutes time) {
    troubled->writes_are_refused = true;
    for (minutes passed{0}; passed < time; passed += minutes{1}) {
      pass(seconds{30});
      pass(seconds{30});
    }
    troubled->writes_are_refused = false;
    // The pause is over before long.
    for (int i = 0; i < 50 && scheduler->counts().late_ms == 0; ++i) {
      context.restart();
      context.run_for(std::chrono::milliseconds{2});
      settle();
    }
  }
  static void never_make_up(Trigger& trigger) { trigger.schedule_catch_up = CatchUp::none; }
};

TEST_F(SchedulerTroubleTest, NothingIsMissedWhileTheStoreRefusesForMinutes) {
  settings.pause = Duration{1};
  start_scheduler();
  const Trigger trigger = add_scheduled("*/2 * * * *", never_make_up);
  refuse_for(minutes{5});
  EXPECT_EQ(fired(trigger), (Times{"08:02:00", "08:04:00"})) << "late, but not missed";
  EXPECT_EQ(told(trigger, "miss").size(), 0);
}

TEST_F(SchedulerTroubleTest, WhatAStoreRefusesForLongIsMissed) {
  settings.pause = Duration{1};
  start_scheduler();
  const Trigger missed = add_scheduled("1 8 * * *", never_make_up);
  const Trigger late = add_scheduled("20 8 * * *");
  refuse_for(minutes{21});
  EXPECT_EQ(fired(missed), Times{});
  EXPECT_EQ(told(missed, "miss").size(), 1);
  EXPECT_EQ(fired(late), Times{"08:20:00"});
}

TEST_F(SchedulerTroubleTest, ABacklogLeavesTheOthersTheirTurns) {
  settings.batch = settings.batches = settings.occurrences = 1;
  start_scheduler();
  const Trigger backlog =
      add_scheduled("* * * * *", [](Trigger& one) { one.schedule_catch_up = CatchUp::all; });
  const Trigger on_time = add_scheduled("16 9 * * *");
  clock.step(minutes{75});
  scheduler->look();
  clock.step(minutes{1});
  for (int i = 0; i < 20; ++i) settle();
  ASSERT_EQ(fired(on_time), Times{"09:16:00"});
  ASSERT_EQ(fired(backlog).size(), 76);
  EXPECT_LT(events(on_time)[0].id.value, events(backlog)[10].id.value);
}

TEST_F(SchedulerTroubleTest, ATriggerThatFailsIsPutOffAlone) {
  start_scheduler();
  const Trigger guilty = add_scheduled("10 8 * * *");
  std::vector<Trigger> others;
  for (int i = 0; i < 5; ++i) others.push_back(add_scheduled("10 8 * * *"));
  stop_scheduler();
  {
    Database database{folder / "bellpull.db", OpenMode::write};
    database.execute("create trigger poison before insert on events when new.trigger = " +
                     std::to_string(guilty.id.key.value) + " and new.received_at < " +
                     std::to_string(to_ms(clock.now() + minutes{10} + seconds{3})) +
                     " begin select raise(abort, 'poison'); end");
  }
  start_scheduler();
  pass(minutes{10});
  settle();
  for (const Trigger& other : others) EXPECT_EQ(fired(other), Times{"08:10:00"});
  EXPECT_EQ(fired(guilty), Times{});
  const Trigger next = add_scheduled("* * * * *");
  pass(seconds{1});  // fails again, and waits for two seconds
  pass(seconds{1});
  const int writes = troubled->writes;
  scheduler->look();
  settle();
  EXPECT_EQ(troubled->writes, writes) << "it is not tried all the time";
  pass(seconds{1});
  EXPECT_EQ(fired(guilty), Times{"08:10:00"}) << "it is tried again";
  pass(seconds{57});
  EXPECT_EQ(fired(next), Times{"08:11:00"}) << "and nothing stands still for it";
}

TEST_F(SchedulerTroubleTest, AfterTheStoreWasReopenedTheRowsAreReadAgain) {
  start_scheduler();
  const Trigger trigger = add_scheduled("*/10 * * * *");
  const std::vector<NextTime> wrong{{trigger.id.key, std::nullopt}};
  scheduler->next_times_changed(wrong);
  settle();
  pass(minutes{10});
  ASSERT_EQ(fired(trigger), Times{});
  scheduler->reopened();
  settle();
  EXPECT_EQ(fired(trigger), Times{"08:10:00"});
}

TEST_F(SchedulerTroubleTest, AStopWhileItFiresLosesAndDoublesNothing) {
  for (int polls = 0; polls < 6; ++polls) {
    start_scheduler();
    const Trigger trigger = add_scheduled("* * * * *");
    clock.advance(minutes{1});
    scheduler->look();
    for (int i = 0; i < polls; ++i) {
      context.restart();
      context.poll_one();
    }
    start_scheduler();
    EXPECT_EQ(fired(trigger).size(), 1) << polls;
  }
}

TEST(ClockWatchTest, StopsWithoutBeingTold) {
  boost::asio::io_context context;
  int told = 0;
  ClockWatch watch{context.get_executor(), [&] { ++told; }};
  EXPECT_TRUE(watch.start());
  context.poll();
  EXPECT_FALSE(context.stopped()) << "it waits";
  watch.stop();
  context.run();
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace bellpull
