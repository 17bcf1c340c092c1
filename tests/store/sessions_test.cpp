// Which conversation and which contact an event goes to.
#include <chrono>
#include <set>

#include <gtest/gtest.h>

#include "base/result.h"
#include "domain/bot.h"
#include "domain/contact.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "store/store_fixture.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

TEST_F(StoreTest, EventsOfOneSessionShareAConversationAndItsContact) {
  const Trigger trigger = add_trigger();
  const ContactClaim ann{.name = "Ann", .email = "Ann@Example.com"};
  const SessionKey session = SessionKey::named("order_1");
  std::set<ConversationId> conversations;
  std::set<ContactId> contacts;
  for (int i = 0; i < 3; ++i) {
    const auto claimed = claim(accept(trigger, "x", session, ann).event);
    ASSERT_TRUE(claimed);
    const auto opened = open_run(trigger, claimed->lease);
    ASSERT_TRUE(opened);
    ASSERT_TRUE(opened->contact);
    conversations.insert(opened->conversation);
    contacts.insert(opened->contact->id);
    ASSERT_TRUE(finish(claimed->lease));
  }
  EXPECT_EQ(conversations.size(), 1);
  EXPECT_EQ(contacts.size(), 1);
}

TEST_F(StoreTest, ASessionLastsFromReceiptToReceipt) {
  const Trigger trigger = add_trigger();
  const SessionKey session = SessionKey::named("s");
  const ConversationId first = process(trigger, session, 1h);
  clock.advance(59min);
  EXPECT_EQ(process(trigger, session, 1h), first);
  clock.advance(59min);
  EXPECT_EQ(process(trigger, session, 1h), first) << "each event renews it";
  clock.advance(1h);
  EXPECT_NE(process(trigger, session, 1h), first);
}

TEST_F(StoreTest, AZeroLifetimeIsAlwaysFresh) {
  const Trigger trigger = add_trigger();
  const SessionKey session = SessionKey::named("s");
  EXPECT_NE(process(trigger, session, 0ms), process(trigger, session, 0ms));
}

TEST_F(StoreTest, AnotherBotStartsAnotherConversation) {
  Trigger trigger = add_trigger();
  const SessionKey session = SessionKey::named("s");
  const ConversationId first = process(trigger, session);
  Bot other{.account = trigger.account, .name = "Other"};
  ASSERT_TRUE(transact([&](Transaction& tx) { return tx.bots().add(other); }));
  trigger.bot = other.id;
  EXPECT_NE(process(trigger, session), first);
}

TEST_F(StoreTest, AVerifiedContactIsLinkedAndNotChanged) {
  const Trigger trigger = add_trigger();
  Contact known{.account = trigger.account,
                .name = "Ann",
                .fingerprint = "0123456789abcdef",
                .email = "ann@example.com",
                .verified_at = clock.now()};
  ASSERT_TRUE(transact([&](Transaction& tx) { return tx.contacts().add(known); }));
  const auto claimed =
      claim(accept(trigger, "x", {}, {.name = "Mallory", .email = "ANN@example.com"}).event);
  ASSERT_TRUE(claimed);
  const auto opened = open_run(trigger, claimed->lease);
  ASSERT_TRUE(opened && opened->contact);
  EXPECT_EQ(opened->contact->id, known.id);
  EXPECT_EQ(opened->contact->name, "Ann");
}

}  // namespace
}  // namespace bellpull
