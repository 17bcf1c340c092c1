// Schedules over clocks that are set, new zone rules, and old data: renewal.h, in a scheduler.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/time.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "schedule/renewal.h"
#include "schedule/scheduler.h"
#include "sqlite/database.h"
#include "sqlite/migrations.h"
#include "store/occurrences.h"
#include "store/scheduler_fixture.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class SchedulerClockTest : public SchedulerTest {
 protected:
  static constexpr hours years{24 * 1'000};

  void step(Duration by) {
    clock.step(by);
    scheduler->look();
    settle();
    settle();
  }
  TimePoint at(const std::string& time) { return parse_iso("2027-01-15T" + time + "Z").value(); }
  // As other rules had it.
  void set_next(const Trigger& trigger, std::optional<TimePoint> time) {
    update(trigger, [&](Trigger& row) { row.next_due_at = row.next_trigger_at = time; });
  }
  // Its next life begins with other rules than those that the next times were made by.
  void start_with_other_rules(TimePoint seen_at) {
    stop_scheduler();
    open();
    keep_basis({.rules = "of long ago", .seen_at = seen_at});
    start_scheduler();
    settle();
  }
};

TEST_F(SchedulerClockTest, AClockThatIsSetBackFiresNothingAgain) {
  start_scheduler();
  const Trigger trigger = add_scheduled("*/10 * * * *");
  for (int i = 0; i < 3; ++i) pass(minutes{10});
  const Times once{"08:10:00", "08:20:00", "08:30:00"};
  ASSERT_EQ(fired(trigger), once);
  const auto last = fetch(trigger).last_trigger_at;
  step(-minutes{25});
  EXPECT_EQ(fetch(trigger).next_trigger_at, at("08:10:00"));
  for (int i = 0; i < 5; ++i) pass(minutes{5});
  EXPECT_EQ(fired(trigger), once);
  EXPECT_EQ(fetch(trigger).last_trigger_at, last) << "no event, no firing";
  for (int i = 0; i < 2; ++i) pass(minutes{5});
  EXPECT_EQ(fired(trigger).back(), "08:40:00");
  EXPECT_EQ(fired(trigger).size(), 4);
}

TEST_F(SchedulerClockTest, AClockThatWentAheadAndCameBackSilencesNothing) {
  start_scheduler();
  const Trigger trigger = add_scheduled("*/10 * * * *");
  const Trigger once = add_scheduled("2027-01-15T12:00:00Z",
                                     [](Trigger& one) { one.schedule_catch_up = CatchUp::none; });
  pass(minutes{10});
  step(years);
  ASSERT_GT(fetch(trigger).next_trigger_at, clock.now());
  ASSERT_EQ(fetch(once).next_trigger_at, std::nullopt) << "it was missed";
  step(-years);
  EXPECT_EQ(fetch(trigger).next_trigger_at, at("08:20:00"));
  EXPECT_EQ(fetch(once).next_trigger_at, at("12:00:00"));
  pass(minutes{10});
  EXPECT_EQ(fired(trigger).back(), "08:20:00");
  clock.step(at("12:00:00") - clock.now());
  pass(Duration{0});
  EXPECT_EQ(fired(once), Times{"12:00:00"});
}

TEST_F(SchedulerClockTest, AStartFindsThatTheClockWasAheadBefore) {
  start_scheduler();
  const Trigger trigger = add_scheduled("*/10 * * * *");
  pass(minutes{10});
  step(years);
  stop_scheduler();
  clock.step(-years);
  start_scheduler();
  settle();
  EXPECT_EQ(fetch(trigger).next_trigger_at, at("08:20:00"));
  EXPECT_EQ(basis()->seen_at, clock.now()) << "and forgets it";
}

TEST_F(SchedulerClockTest, NextTimesByOtherRulesAreMadeAnew) {
  start_scheduler();
  const Trigger trigger = add_scheduled("0 9 * * *");
  const Trigger jittered =
      add_scheduled("0 9 * * *", [](Trigger& one) { one.schedule_jitter = 3'600'000; });
  set_next(trigger, at("10:00:00"));
  set_next(jittered, at("07:59:00"));  // due, and delayed
  update(jittered, [&](Trigger& row) { row.next_trigger_at = at("08:15:00"); });
  start_with_other_rules(clock.now());
  EXPECT_EQ(fetch(trigger).next_trigger_at, at("09:00:00"));
  EXPECT_EQ(fetch(jittered).next_trigger_at, at("08:15:00")) << "it is on its way";
  EXPECT_EQ(basis()->rules, schedule_rules());
}

TEST_F(SchedulerClockTest, TheSameRulesLeaveNextTimesAlone) {
  start_scheduler();
  const Trigger trigger = add_scheduled("0 9 * * *");
  set_next(trigger, at("10:00:00"));
  start_scheduler();
  EXPECT_EQ(fetch(trigger).next_trigger_at, at("10:00:00"));
}

TEST_F(SchedulerClockTest, WhatIsDueByOtherRulesFires) {
  start_scheduler();
  const Trigger trigger = add_scheduled("0 9 * * *");
  set_next(trigger, at("08:30:00"));
  stop_scheduler();
  clock.advance(minutes{30});
  start_with_other_rules(at("08:00:00"));
  EXPECT_EQ(fired(trigger), Times{"08:30:00"});
  EXPECT_EQ(fetch(trigger).next_trigger_at, at("09:00:00"));
}

TEST_F(SchedulerClockTest, WhatWasMissedByOtherRulesIsTold) {
  start_scheduler();
  const Trigger trigger =
      add_scheduled("0 9 * * *", [](Trigger& one) { one.schedule_catch_up = CatchUp::none; });
  set_next(trigger, at("08:30:00"));
  stop_scheduler();
  clock.advance(minutes{40});
  start_with_other_rules(at("08:00:00"));
  EXPECT_EQ(fired(trigger), Times{});
  EXPECT_EQ(told(trigger, "miss").size(), 1);
}

TEST_F(SchedulerClockTest, WhatNewRulesHadWhileNobodyWasThereIsMadeUpFor) {
  start_scheduler();
  const Trigger trigger = add_scheduled("0 9 * * *");
  set_next(trigger, at("10:00:00"));
  stop_scheduler();
  clock.advance(minutes{90});
  start_with_other_rules(at("08:00:00"));
  EXPECT_EQ(fired(trigger), Times{"09:00:00"});
}

TEST_F(SchedulerClockTest, AScheduleThatCanBeReadAgainGoesOn) {
  start_scheduler();
  const Trigger trigger = add_scheduled("*/10 * * * *");
  const Trigger lost = add_scheduled("*/10 * * * *");
  for (const Trigger& one : {trigger, lost}) {
    update(one, [](Trigger& row) {
      row.schedule_state = ScheduleState::invalid;
      row.schedule_error = "unknown";
      row.next_due_at.reset();
      row.next_trigger_at.reset();
    });
  }
  update(lost, [](Trigger& row) { row.timezone = "Mars/Olympus"; });
  start_scheduler();
  const Trigger read = fetch(trigger);
  EXPECT_EQ(read.schedule_state, ScheduleState::active);
  EXPECT_EQ(read.schedule_error, std::nullopt);
  EXPECT_EQ(fetch(lost).schedule_state, ScheduleState::invalid);
  EXPECT_EQ(told(lost, "error").size(), 0) << "its owner was told before";
  pass(minutes{10});
  EXPECT_EQ(fired(trigger), Times{"08:10:00"});
}

TEST_F(SchedulerClockTest, SchedulesOfATimeBeforeThereWasASchedulerBeginAtItsFirstStart) {
  store->stop();
  store.reset();
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  {
    const auto all = main_migrations();
    std::size_t before = 0;
    while (all[before].sql.find("next_due_at") == std::string_view::npos) ++before;
    Database old{folder / "bellpull.db", OpenMode::create};
    migrate(old, all.first(before));
    old.execute(R"sql(
      insert into triggers (tag, account, name, description, sealed_secret, authenticate, schedule,
                            schedule_anchor, next_trigger_at, meta, version, created_at, updated_at)
        values (x'00000000000000000000', 1, '', '', x'', 0, '*/10 * * * *', 0, 1700000000000, '{}',
                1, 0, 0),
               (x'00000000000000000001', 1, '', '', x'', 0, 'daily', 0, null, '{}', 1, 0, 0);)sql");
  }
  open();
  start_scheduler();
  settle();
  const auto row = [&](std::int64_t key) {
    return *read([key](const Transaction& tx) { return tx.triggers().find(TriggerKey{key}); });
  };
  EXPECT_EQ(fired(row(1)), Times{}) << "nobody was promised anything then";
  EXPECT_EQ(row(1).next_trigger_at, at("08:10:00"));
  EXPECT_GT(row(2).next_trigger_at, clock.now());
  pass(minutes{10});
  EXPECT_EQ(fired(row(1)), Times{"08:10:00"});
}

}  // namespace
}  // namespace bellpull
