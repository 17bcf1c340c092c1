// What every store must do when a contact is merged or erased.
#include "store/contact_records.h"

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/result.h"
#include "domain/approval.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "store/accept.h"
#include "store/replay.h"
#include "store/store_fixture.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

class ContactRecordsOfStore : public StoreTest {
 protected:
  // An event of Ann's from arrival to its end; its run.
  RunId say(const Trigger& trigger, const std::string& body) {
    const Acceptance kept = accept(trigger, body, {}, {.email = "ann@example.com"});
    const auto claimed = claim(kept.event);
    const auto opened = open_run(trigger, claimed->lease);
    contact = *opened->contact;
    conversation = opened->conversation;
    EXPECT_TRUE(finish(claimed->lease));
    return run_of(kept.event);
  }
  std::optional<Erasure> erasure() {
    return read(
        [&](const Transaction& tx) { return tx.contact_records().find_erasure(contact.id); });
  }
  std::string body_of(RunId run) {
    return read([&](const Transaction& tx) {
      return tx.runs().find(run, RunStore::Body::with)->event.body;
    });
  }
  Contact contact;
  ConversationId conversation;
};

TEST_F(ContactRecordsOfStore, AnErasureGoesOnAfterReopening) {
  const Trigger trigger = add_trigger();
  std::vector<RunId> runs;
  for (int i = 0; i < 60; ++i) runs.push_back(say(trigger, "I am Ann " + std::string(9'000, 'x')));
  ASSERT_TRUE(
      transact([&](Transaction& tx) { return tx.contact_records().erase(contact, clock.now()); }));
  reopen();
  while (!erasure()->finished_at) std::this_thread::yield();
  EXPECT_EQ(erasure()->events, 60);
  for (const RunId run : runs) EXPECT_EQ(body_of(run), "");
  EXPECT_FALSE(read([&](const Transaction& tx) { return tx.contacts().find(contact.id.key); }));
}

TEST_F(ContactRecordsOfStore, WhatComesAfterAnErasureBeganIsNotErased) {
  const Trigger trigger = add_trigger();
  const RunId before = say(trigger, "before");
  const Contact erased = contact;
  ASSERT_TRUE(
      transact([&](Transaction& tx) { return tx.contact_records().erase(erased, clock.now()); }));
  const RunId after = say(trigger, "after");
  EXPECT_NE(contact.id, erased.id);
  contact = erased;
  while (!erasure()->finished_at) std::this_thread::yield();
  EXPECT_EQ(body_of(before), "");
  EXPECT_EQ(body_of(after), "after");
}

TEST_F(ContactRecordsOfStore, WhatWasAskedOfPeopleIsErasedWithItsRun) {
  const Trigger trigger = add_trigger();
  const RunId run = say(trigger, "before");
  ASSERT_TRUE(transact([&](Transaction& tx) {
    Approval asked{.account = trigger.account,
                   .run = run,
                   .trigger = trigger.id,
                   .call_key = "key",
                   .question = "Refund Ann?"};
    return tx.approvals().add(asked);
  }));
  ASSERT_TRUE(
      transact([&](Transaction& tx) { return tx.contact_records().erase(contact, clock.now()); }));
  while (!erasure()->finished_at) std::this_thread::yield();
  EXPECT_TRUE(read([&](const Transaction& tx) {
                return tx.approvals().list({.account = trigger.account});
              }).empty());
}

// Sent again while the erasure is asked for, once small and once large, and one of those again.
TEST_F(ContactRecordsOfStore, ReplaysOfErasedEventsAreErasedHoweverLateTheyWereMade) {
  const Trigger trigger = add_trigger();
  const RunId small = say(trigger, "I am Ann");
  const RunId large = say(trigger, "I am Ann " + std::string(9'000, 'x'));
  std::vector<RunId> replays;
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    if (auto begun = tx.contact_records().erase(contact, clock.now()); !begun) return begun;
    for (const RunId of : {small, large}) {
      RunId last = of;
      for (int i = 0; i < 30; ++i) {
        const auto event = tx.runs().find(last, RunStore::Body::with)->event;
        replays.push_back(run_of(tx.runs().add(replay_of(event, clock.now()))));
        if (i % 3 == 0) last = replays.back();
      }
    }
    return {};
  }));
  while (!erasure()->finished_at) std::this_thread::yield();
  EXPECT_EQ(erasure()->events, 62);
  for (const RunId run : replays) {
    const auto row =
        read([&](const Transaction& tx) { return *tx.runs().find(run, RunStore::Body::with); });
    EXPECT_EQ(row.event.body, "") << run.value;
    EXPECT_EQ(row.event.contact.email, "");
    EXPECT_EQ(row.run.state, RunState::canceled);
  }
}

TEST_F(ContactRecordsOfStore, ARepeatOfAnErasedEventIsStillItsDuplicate) {
  const Trigger trigger = add_trigger();
  const ContactClaim ann{.email = "ann@example.com"};
  const EventId first = accept(trigger, "I am Ann", {}, ann, "ann@example.com").event;
  contact = *open_run(trigger, claim(first)->lease)->contact;
  ASSERT_TRUE(
      transact([&](Transaction& tx) { return tx.contact_records().erase(contact, clock.now()); }));
  while (!erasure()->finished_at) std::this_thread::yield();
  const Acceptance repeat = accept(trigger, "I am Ann", {}, ann, "ann@example.com");
  EXPECT_EQ(repeat.outcome, AcceptOutcome::duplicate);
  EXPECT_EQ(repeat.event, first);
  EXPECT_EQ(read([&](const Transaction& tx) {
              return tx.runs().find(run_of(first), RunStore::Body::without)->event.idempotency_key;
            }),
            "");
}

TEST_F(ContactRecordsOfStore, AMergeMovesConversationsAmongThousands) {
  const Trigger trigger = add_trigger();
  say(trigger, "first");
  const Contact ann = contact;
  const ConversationId first = conversation;
  Contact other{.account = trigger.account, .fingerprint = "other-0123456789"};
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    for (int i = 0; i < 1'500; ++i) {
      Conversation one{.account = trigger.account, .created_at = clock.now()};
      if (auto added = tx.conversations().add(one); !added) return added;
    }
    return tx.contacts().add(other);
  }));
  say(trigger, "last");
  ASSERT_TRUE(transact(
      [&](Transaction& tx) { return tx.contact_records().merge(ann, other, clock.now()); }));
  while (read([&](const Transaction& tx) { return tx.contacts().find(ann.id.key); })) {
    std::this_thread::yield();
  }
  for (const ConversationId moved : {first, conversation}) {
    const auto found =
        read([&](const Transaction& tx) { return tx.conversations().find(moved.key); });
    EXPECT_EQ(found->contact, other.id);
  }
}

}  // namespace
}  // namespace bellpull
