#include "queue/run_queue.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "base/result.h"
#include "base/time.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "store/accept.h"
#include "store/run_records.h"
#include "store/store.h"
#include "store/store_fixture.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

// Keeps both reading threads busy until it is destroyed, so that what is asked meanwhile waits.
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
  ~HeldReaders() {
    released_.set_value();
    context_.run();
  }
  HeldReaders(const HeldReaders&) = delete;
  HeldReaders& operator=(const HeldReaders&) = delete;

 private:
  boost::asio::io_context& context_;  // lives until the store has stopped
  std::latch begun_{2};
  std::promise<void> released_;
  std::shared_future<void> go_ = released_.get_future().share();
};

// A queue on a real store, whose executor the test runs by hand.
class RunQueueTest : public StoreTest {
 protected:
  // Lets everything that is on its way arrive: first what is being read, then what the loop makes
  // of it.
  void settle() {
    for (int i = 0; i < 10; ++i) {
      pass_readers();
      context.restart();
      context.poll();
    }
  }

  void start_queue(QueueLimits limits = {}) {
    store->stop();
    store = std::make_unique<SqliteStore>(folder, random, clock, log);
    queue = std::make_unique<RunQueue>(context.get_executor(), *store, clock, limits, log);
    store->listen(*queue);
    store->start();
  }

  void load() { boost::asio::co_spawn(context, queue->load(), boost::asio::detached); }

  std::vector<std::int64_t> take_all() {
    std::vector<std::int64_t> taken;
    while (const auto run = queue->take()) taken.push_back(run->run.value);
    return taken;
  }

  void TearDown() override {
    boost::asio::co_spawn(context, queue->stop(), boost::asio::detached);
    settle();
    store->stop();
    queue.reset();
    StoreTest::TearDown();
  }

  boost::asio::io_context context;
  std::unique_ptr<RunQueue> queue;
};

TEST_F(RunQueueTest, WhatWasPendingIsFoundAfterARestart) {
  const Trigger trigger = add_trigger();
  const Acceptance first = accept(trigger, "1", SessionKey::named("s"));
  accept(trigger, "2", SessionKey::named("s"));
  const Acceptance fresh = accept(trigger, "3");
  start_queue();
  load();
  settle();
  EXPECT_EQ(take_all(), (std::vector<std::int64_t>{first.event.value, fresh.event.value}));
}

// Broke once: an event that came while the queue was reading was neither put into the window nor
// believed when the next read found it, and the next event of its session overtook it.
TEST_F(RunQueueTest, AnEventThatComesWhileTheQueueLoadsIsNotOvertaken) {
  const Trigger trigger = add_trigger();
  const SessionKey session = SessionKey::named("s");
  for (int i = 0; i < 5; ++i) accept(trigger, "before", SessionKey::named(std::to_string(i)));
  start_queue({.refill = 2});
  load();
  const Acceptance early = accept(trigger, "1", session);
  context.restart();
  context.poll();  // the arrival is told of in the middle of the reads
  settle();
  accept(trigger, "2", session);
  settle();

  const std::vector<std::int64_t> taken = take_all();
  EXPECT_EQ(taken.size(), 6);
  EXPECT_EQ(taken.back(), early.event.value);
}

TEST_F(RunQueueTest, ARunThatIsRetriedByHandIsReadyAtOnceAndNotAgainAtItsOldTime) {
  const Trigger trigger = add_trigger();
  start_queue();
  load();
  settle();
  const EventId event = accept(trigger, "1").event;
  const EventId other = accept(trigger, "2").event;
  settle();
  using Runs = std::vector<std::int64_t>;
  ASSERT_EQ(take_all(), (Runs{event.value, other.value}));
  const auto fail_until = [&](EventId failed, Duration wait) {
    FinishRun end{.lease = claim(failed)->lease, .now = clock.now()};
    end.state = RunState::retrying;
    end.due_at = clock.now() + wait;
    ASSERT_TRUE(this->wait(store->finish(std::move(end))));
    settle();
  };
  fail_until(event, std::chrono::hours{1});
  EXPECT_EQ(take_all(), Runs{});
  ASSERT_TRUE(*transact([&](Transaction& tx) -> Result<bool> {
    return tx.runs().retry(run_of(event), clock.now());
  }));
  settle();
  ASSERT_EQ(take_all(), Runs{event.value});

  fail_until(event, std::chrono::hours{2});
  clock.advance(std::chrono::minutes{90});
  fail_until(other, Duration{0});  // whose time has the queue look at all that are due
  EXPECT_EQ(take_all(), Runs{other.value}) << "the other's time is the new one";
}

class PausedTriggerTest : public RunQueueTest {
 protected:
  using Runs = std::vector<std::int64_t>;

  void set_state(Trigger& trigger, TriggerState state) {
    trigger.state = state;
    ASSERT_TRUE(transact([&](Transaction& tx) { return tx.triggers().update(trigger); }));
  }
  void begin() {
    start_queue();
    load();
    settle();
  }
};

TEST_F(PausedTriggerTest, ItsRunsWaitInOrderAndHoldUpNobody) {
  Trigger paused = add_trigger();
  const Trigger other = add_trigger();
  begin();
  const SessionKey session = SessionKey::named("s");
  const EventId before = accept(paused, "1", session).event;
  settle();
  set_state(paused, TriggerState::paused);
  const EventId meanwhile = accept(paused, "2", session).event;
  const EventId fresh = accept(paused, "3").event;
  const EventId others = accept(other, "4").event;
  settle();
  EXPECT_EQ(take_all(), Runs{others.value});
  EXPECT_EQ(queue->counts().ready, 0U) << "they take no place in memory";

  set_state(paused, TriggerState::enabled);
  const EventId after = accept(paused, "5", session).event;
  settle();
  EXPECT_EQ(take_all(), (Runs{before.value, fresh.value}));
  for (const EventId head : {before, meanwhile}) {
    ASSERT_TRUE(finish(claim(head)->lease));
    settle();
    EXPECT_EQ(take_all(), Runs{head == before ? meanwhile.value : after.value});
  }
}

TEST_F(PausedTriggerTest, WhatRunsRunsOnAndItsSessionsNextWaits) {
  Trigger trigger = add_trigger();
  begin();
  const SessionKey session = SessionKey::named("s");
  const EventId running = accept(trigger, "1", session).event;
  const EventId next = accept(trigger, "2", session).event;
  settle();
  ASSERT_EQ(take_all(), Runs{running.value});
  set_state(trigger, TriggerState::paused);
  settle();
  ASSERT_TRUE(finish(claim(running)->lease));
  settle();
  EXPECT_EQ(take_all(), Runs{});
  set_state(trigger, TriggerState::enabled);
  settle();
  EXPECT_EQ(take_all(), Runs{next.value});
}

TEST_F(PausedTriggerTest, ARetryThatFallsDueWaitsToo) {
  Trigger trigger = add_trigger();
  begin();
  const EventId event = accept(trigger, "1", SessionKey::named("s")).event;
  settle();
  ASSERT_EQ(take_all(), Runs{event.value});
  set_state(trigger, TriggerState::paused);
  FinishRun failed{.lease = claim(event)->lease, .now = clock.now()};
  failed.state = RunState::retrying;
  failed.due_at = clock.now();
  ASSERT_TRUE(wait(store->finish(std::move(failed))));
  settle();
  EXPECT_EQ(take_all(), Runs{});
  set_state(trigger, TriggerState::enabled);
  settle();
  EXPECT_EQ(take_all(), Runs{event.value});
}

TEST_F(PausedTriggerTest, ItIsStillPausedAfterARestart) {
  Trigger paused = add_trigger();
  const EventId event = accept(paused, "1").event;
  const EventId other = accept(add_trigger(), "2").event;
  set_state(paused, TriggerState::paused);
  begin();
  EXPECT_EQ(take_all(), Runs{other.value});
  set_state(paused, TriggerState::enabled);
  settle();
  EXPECT_EQ(take_all(), Runs{event.value});
}

TEST_F(PausedTriggerTest, AReadThatWasOnItsWayBringsNothing) {
  Trigger trigger = add_trigger();
  Runs events;
  for (int i = 0; i < 10; ++i) events.push_back(accept(trigger, "x").event.value);
  start_queue({.refill = 3});
  load();
  for (int i = 0; i < 3; ++i) {
    context.restart();
    context.poll();  // some of it is being read
    set_state(trigger, TriggerState::paused);
    context.restart();
    context.poll();
    if (i < 2) set_state(trigger, TriggerState::enabled);
  }
  settle();
  EXPECT_EQ(take_all(), Runs{});
  set_state(trigger, TriggerState::enabled);
  settle();
  EXPECT_EQ(take_all(), events);
}

TEST_F(RunQueueTest, TheNextOfASessionFollowsItsHeadsEnd) {
  const Trigger trigger = add_trigger();
  start_queue();
  load();
  settle();
  const SessionKey session = SessionKey::named("s");
  const Acceptance first = accept(trigger, "1", session);
  const Acceptance second = accept(trigger, "2", session);
  settle();
  EXPECT_EQ(take_all(), (std::vector<std::int64_t>{first.event.value}));

  const auto claimed = claim(first.event);
  ASSERT_TRUE(claimed);
  ASSERT_TRUE(finish(claimed->lease));
  settle();
  EXPECT_EQ(take_all(), (std::vector<std::int64_t>{second.event.value}));
}

TEST_F(RunQueueTest, ACanceledHeadGivesWayAndACanceledFollowerDoesNot) {
  const Trigger trigger = add_trigger();
  start_queue();
  load();
  settle();
  const SessionKey session = SessionKey::named("s");
  const Acceptance first = accept(trigger, "1", session);
  const Acceptance second = accept(trigger, "2", session);
  const Acceptance third = accept(trigger, "3", session);
  const auto cancel = [&](EventId event) {
    ASSERT_TRUE(transact([&](Transaction& tx) -> Result<bool> {
      return tx.runs().cancel(run_of(event), "no", clock.now());
    }));
    settle();
  };
  settle();
  ASSERT_EQ(take_all(), (std::vector<std::int64_t>{first.event.value}));
  cancel(second.event);
  EXPECT_TRUE(take_all().empty()) << "the head still runs";
  cancel(first.event);
  EXPECT_EQ(take_all(), (std::vector<std::int64_t>{third.event.value}));
}

TEST_F(RunQueueTest, ARetryIsGivenWhenItsTimeHasCome) {
  const Trigger trigger = add_trigger();
  start_queue();
  load();
  settle();
  const Acceptance event = accept(trigger, "1");
  settle();
  ASSERT_EQ(take_all().size(), 1);
  const auto claimed = claim(event.event);
  ASSERT_TRUE(claimed);
  ASSERT_TRUE(wait(store->finish({.lease = claimed->lease,
                                  .now = clock.now(),
                                  .state = RunState::retrying,
                                  .due_at = clock.now()})));
  settle();
  context.restart();
  context.run_one();  // the timer that is due at once
  EXPECT_EQ(take_all(), (std::vector<std::int64_t>{event.event.value}));
}

// Broke once: the canceled run came back when its time came, pushed its session's new head aside,
// and left the session without one, so that two of its runs ran at once.
TEST_F(RunQueueTest, ARetryThatWasCanceledDoesNotPushTheNewHeadAside) {
  const Trigger trigger = add_trigger();
  start_queue();
  load();
  settle();
  const SessionKey session = SessionKey::named("s");
  const Acceptance first = accept(trigger, "1", session);
  const Acceptance second = accept(trigger, "2", session);
  settle();
  ASSERT_EQ(take_all().size(), 1);
  const auto claimed = claim(first.event);
  ASSERT_TRUE(claimed);
  ASSERT_TRUE(wait(store->finish({.lease = claimed->lease,
                                  .now = clock.now(),
                                  .state = RunState::retrying,
                                  .due_at = clock.now() + Duration{50}})));
  settle();
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<bool> {
    return tx.runs().cancel(run_of(first.event), "no", clock.now());
  }));
  settle();
  ASSERT_EQ(take_all(), (std::vector<std::int64_t>{second.event.value}));

  clock.advance(Duration{100});
  context.restart();
  context.run_one();  // the timer of the canceled one
  settle();
  accept(trigger, "3", session);
  settle();
  EXPECT_TRUE(take_all().empty()) << "the second still runs";
}

TEST_F(RunQueueTest, ABacklogBeyondTheWindowIsReadOnInOrder) {
  const Trigger trigger = add_trigger();
  std::vector<std::int64_t> expected;
  for (int i = 0; i < 50; ++i) expected.push_back(accept(trigger, "x").event.value);
  start_queue({.window = 4, .refill = 4});
  load();
  settle();
  std::vector<std::int64_t> taken;
  for (int i = 0; i < 200 && taken.size() < expected.size(); ++i) {
    const auto some = take_all();
    taken.insert(taken.end(), some.begin(), some.end());
    settle();
  }
  EXPECT_EQ(taken, expected);
}

// Broke once: a backlog that found both places of the reads taken by others was not read when they
// had ended, but with the next event only.
TEST_F(RunQueueTest, ABacklogIsReadOnceThereIsAPlaceForIt) {
  const Trigger trigger = add_trigger();
  start_queue({.window = 4});
  load();
  settle();
  accept(trigger, "1", SessionKey::named("s"));
  accept(trigger, "2", SessionKey::named("t"));
  settle();
  std::vector<PendingRun> heads;
  while (const auto run = queue->take()) heads.push_back(*run);
  ASSERT_EQ(heads.size(), 2U);
  {
    HeldReaders readers{*store, new_context()};
    for (const PendingRun& head : heads) queue->forget(head);  // each search takes a place
    for (int i = 0; i < 5; ++i) accept(trigger, "x");
    context.restart();
    context.poll();
    ASSERT_EQ(queue->counts().ready, 4U);
    ASSERT_EQ(take_all().size(), 4U);
  }
  settle();
  EXPECT_FALSE(queue->counts().more);
  EXPECT_EQ(queue->counts().ready, 3U) << "the heads again, and the backlog's";
}

// Broke once: while the window was full the queue looked at the front of the line only, so a small
// trigger's second event waited until a backlogged one had used up its whole part of the window.
TEST_F(RunQueueTest, AFullWindowDoesNotHideASmallBacklog) {
  constexpr std::size_t busy = 4;
  for (std::size_t i = 0; i < busy; ++i) {
    const Trigger trigger = add_trigger();
    for (int event = 0; event < 60; ++event) accept(trigger, "x");
  }
  const Trigger small = add_trigger();
  start_queue({.window = 40, .refill = 20});
  load();
  settle();
  ASSERT_GE(queue->counts().ready, 40U);
  for (int event = 0; event < 3; ++event) accept(small, "x");
  settle();

  // With five triggers taking turns, each has one run in every five.
  for (int turn = 0; turn < 3; ++turn) {
    std::size_t of_small = 0;
    for (std::size_t i = 0; i < busy + 1; ++i) {
      const auto run = queue->take();
      ASSERT_TRUE(run);
      if (run->trigger == small.id.key) ++of_small;
    }
    EXPECT_EQ(of_small, 1U) << "in turn " << turn;
    settle();
  }
}

}  // namespace
}  // namespace bellpull
