// A scheduler on a real store, whose clock and executor the test moves by hand.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/result.h"
#include "base/time.h"
#include "domain/event.h"
#include "domain/log_item.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "schedule/scheduler.h"
#include "schedule/timetable.h"
#include "sqlite/sqlite_store.h"
#include "store/list.h"
#include "store/occurrences.h"
#include "store/store_fixture.h"
#include "store/transaction.h"
#include "support/troubled_store.h"

namespace bellpull {

// It is 08:00:00 on 2027-01-15, UTC.
class SchedulerTest : public StoreTest {
 protected:
  void TearDown() override {
    stop_scheduler();
    StoreTest::TearDown();
  }

  // A process starts: what was there before it is gone, but for the store.
  void start_scheduler() {
    stop_scheduler();
    store->stop();
    store = std::make_unique<SqliteStore>(folder, random, clock, log);
    troubled = std::make_unique<TroubledStore>(*store);
    if (with_store) with_store();
    scheduler =
        std::make_unique<Scheduler>(context.get_executor(), *troubled, clock, settings, log);
    store->listen(*scheduler);
    store->start();
    scheduler->start();
    settle();
  }
  void stop_scheduler() {
    if (!scheduler) return;
    context.restart();
    boost::asio::co_spawn(context, scheduler->stop(), boost::asio::detached);
    context.run();
    store->stop();
    scheduler.reset();
    troubled.reset();
  }

  // Lets everything that is on its way arrive: reads, commits, and what they lead to.
  void settle() {
    for (int i = 0; i < 12; ++i) {
      pass_readers();
      EXPECT_TRUE(transact([](Transaction&) -> Result<void> { return {}; }));
      context.restart();
      context.poll();
    }
  }

  void pass(Duration time) {
    clock.advance(time);
    scheduler->look();
    settle();
  }

  Trigger add_scheduled(const std::string& schedule,
                        const std::function<void(Trigger&)>& change = {}) {
    Trigger trigger = add_trigger("scheduled " + schedule);
    trigger.schedule = schedule;
    trigger.schedule_anchor = clock.now();
    if (change) change(trigger);
    update(trigger, [&](Trigger& row) {
      row = trigger;
      const auto next = Timetable::of(row)->next_after(clock.now());
      row.next_due_at = next ? std::optional{next->due} : std::nullopt;
      row.next_trigger_at = next ? std::optional{next->fires_at} : std::nullopt;
    });
    settle();
    return fetch(trigger);
  }
  void update(const Trigger& trigger, const std::function<void(Trigger&)>& change) {
    ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
      Trigger row = *tx.triggers().find(trigger.id);
      change(row);
      ++row.version;
      return tx.triggers().update(row);
    }));
  }
  Trigger fetch(const Trigger& trigger) {
    return *read([&](const Transaction& tx) { return tx.triggers().find(trigger.id); });
  }

  std::vector<Event> events(const Trigger& trigger) {
    ListQuery query{.account = trigger.account,
                    .filters = {{.field = "trigger", .any_of = {trigger.id.key.value}}}};
    const auto found = read_page({.take = 100, .order = Order::ascending},
                                 [&](const Transaction& tx, const Page& page) {
                                   query.page = page;
                                   return tx.runs().look(query, {});
                                 });
    std::vector<Event> events;
    for (const EventAndRun& one : *found) events.push_back(one.event);
    return events;
  }
  // When the occurrences that have an event were due: "08:10:00".
  std::vector<std::string> fired(const Trigger& trigger) {
    std::vector<std::string> times;
    for (const Event& event : events(trigger)) {
      times.push_back(event.scheduled_at ? to_iso(*event.scheduled_at).substr(11, 8) : "none");
    }
    return times;
  }
  using Times = std::vector<std::string>;

  // What the owner was told, of this kind.
  std::vector<std::string> told(const Trigger& trigger, const std::string& what) {
    ListQuery query{.account = trigger.account};
    const auto items = read_page({.take = 100}, [&](const Transaction& tx, const Page& page) {
      query.page = page;
      return tx.log().look(query);
    });
    std::vector<std::string> told;
    for (const LogItem& item : *items) {
      if (item.type == "integration.trigger.schedule." + what) told.push_back(item.meta);
    }
    return told;
  }

  void end_run(const Event& event, RunState state) {
    const auto claimed = claim(event.id);
    ASSERT_TRUE(claimed);
    ASSERT_TRUE(finish(claimed->lease, state));
    settle();
  }

  void keep_basis(const ScheduleBasis& basis) {
    ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
      tx.occurrences().keep_basis(basis);
      return {};
    }));
  }
  std::optional<ScheduleBasis> basis() {
    return read([](const Transaction& tx) { return tx.occurrences().basis(); });
  }

  // Where the owner's body of an occurrence is read.
  std::string body_of(const Event& event) {
    return read([&](const Transaction& tx) {
             return tx.runs().find(run_of(event.id), RunStore::Body::with);
           })
        ->event.body;
  }

  SchedulerSettings settings;
  std::function<void()> with_store;  // once there is a new one, before it starts
  std::unique_ptr<TroubledStore> troubled;
  boost::asio::io_context context;
  std::unique_ptr<Scheduler> scheduler;
};

}  // namespace bellpull
