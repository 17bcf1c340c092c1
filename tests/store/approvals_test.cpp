// What a run waits for: whoever decides wakes it, whenever that is, and its end leaves nothing to
// decide.
#include "store/approvals.h"

#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/result.h"
#include "base/time.h"
#include "domain/approval.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "store/accept.h"
#include "store/run_records.h"
#include "store/transaction.h"
#include "store_fixture.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class ApprovalsOfStore : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    trigger = add_trigger();
    event = accept(trigger, "x").event;
  }

  bellpull::Run run() {
    return read([&](const Transaction& tx) {
             return tx.runs().find(run_of(event), RunStore::Body::without);
           })
        .value()
        .run;
  }
  Approval ask(std::string_view call) {
    return transact([&](Transaction& tx) {
             return ask_approval(tx,
                                 {.account = trigger.account,
                                  .run = run_of(event),
                                  .trigger = trigger.id,
                                  .call_key = std::string{call},
                                  .question = "Refund?",
                                  .expires_at = clock.now() + 2h,
                                  .created_at = clock.now()},
                                 clock.now());
           })
        .value();
  }
  Result<Approval> decide(const Approval& approval, bool approve = true) {
    return transact([&](Transaction& tx) {
      return decide_approval(tx, *tx.approvals().find(approval.id.key),
                             {.approve = approve, .by = "link"}, clock.now());
    });
  }
  ApprovalState state_of(const Approval& approval) {
    return read([&](const Transaction& tx) { return tx.approvals().find(approval.id.key); })
        .value()
        .state;
  }
  void wait_under(const Lease& lease) {
    ASSERT_TRUE(wait(store->finish({.lease = lease,
                                    .now = clock.now(),
                                    .state = RunState::waiting,
                                    .due_at = clock.now() + 2h,
                                    .counts_attempt = false})));
  }

  Trigger trigger;
  EventId event;
};

TEST_F(ApprovalsOfStore, ADecisionMakesAWaitingRunDueAndARestartChangesNothing) {
  const Lease lease = claim(event).value().lease;
  const Approval asked = ask("call");
  wait_under(lease);
  clock.advance(1min);
  ASSERT_TRUE(decide(asked));
  const TimePoint decided_at = clock.now();
  EXPECT_EQ(run().due_at, decided_at);
  reopen();
  EXPECT_EQ(run().state, RunState::waiting);
  EXPECT_EQ(run().due_at, decided_at);
  EXPECT_EQ(state_of(asked), ApprovalState::approved);
}

TEST_F(ApprovalsOfStore, ADecisionWhileTheRunIsHeldMakesItDueWhenItWaits) {
  const Lease lease = claim(event).value().lease;
  ASSERT_TRUE(decide(ask("call")));
  wait_under(lease);
  EXPECT_EQ(run().due_at, clock.now());

  const Lease next = claim(event).value().lease;
  wait_under(next);
  EXPECT_EQ(run().due_at, clock.now() + 2h) << "it has looked since";
}

TEST_F(ApprovalsOfStore, IsDecidedOnceByWhoeverComesFirst) {
  const Lease lease = claim(event).value().lease;
  const Approval asked = ask("call");
  wait_under(lease);
  ASSERT_TRUE(decide(asked, false));
  EXPECT_EQ(decide(asked, true).error().code, ErrorCode::conflict);
  EXPECT_EQ(state_of(asked), ApprovalState::refused);
  EXPECT_EQ(ask("call").state, ApprovalState::refused) << "asked again, it is the same one";
}

TEST_F(ApprovalsOfStore, TheEndOfTheRunVoidsWhatIsPendingAndKeepsWhatWasDecided) {
  const Lease lease = claim(event).value().lease;
  const Approval decided = ask("first");
  const Approval pending = ask("second");
  ASSERT_TRUE(decide(decided));
  ASSERT_TRUE(finish(lease));
  EXPECT_EQ(state_of(decided), ApprovalState::approved);
  EXPECT_EQ(state_of(pending), ApprovalState::voided);
  EXPECT_EQ(decide(pending).error().code, ErrorCode::conflict);
  EXPECT_FALSE(transact([&](Transaction& tx) -> Result<bool> {
                 return tx.runs().wake(run_of(event), clock.now());
               }).value());
  EXPECT_EQ(run().state, RunState::succeeded);
}

}  // namespace
}  // namespace bellpull
