// Erasures between two chunks of theirs: what runs meet that open then.
#include "sqlite/contact_records.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/bot.h"
#include "domain/contact.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/step.h"
#include "domain/trigger.h"
#include "sqlite/transaction.h"
#include "sqlite/write_session.h"
#include "store/contact_records.h"
#include "store/replay.h"
#include "store/run_records.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class ContactRecordsTest : public testing::Test {
 protected:
  void SetUp() override {
    session.begin();
    EXPECT_TRUE(rows.accounts().add(account));
    bot.account = account.id.key;
    EXPECT_TRUE(rows.bots().add(bot));
    trigger.account = account.id.key;
    trigger.bot = bot.id;
    EXPECT_TRUE(rows.triggers().add(trigger));
  }
  void TearDown() override {
    session.roll_back();
    std::filesystem::remove_all(folder);
  }

  RunId accept(const ContactClaim& claim, const SessionKey& of_session = {}) {
    return run_of(rows.runs().add({.trigger = trigger.id.key,
                                   .account = account.id.key,
                                   .received_at = now,
                                   .session = of_session.text(),
                                   .contact_name = claim.name,
                                   .contact_email = claim.email,
                                   .contact_phone = claim.phone,
                                   .body = "I am Ann"}));
  }
  RunId replay(RunId run) {
    const Event event = rows.runs().find(run, RunStore::Body::with)->event;
    return run_of(rows.runs().add(replay_of(event, now)));
  }
  Result<OpenedRun> open(RunId run) {
    const auto claimed =
        session.records().claim({.run = run, .now = now, .expires_at = now + 1min});
    return session.records().open({.lease = claimed->lease,
                                   .now = now,
                                   .trigger = trigger.id,
                                   .bot = bot.id,
                                   .session_lifetime = 1h,
                                   .step = {.kind = StepKind::opened}});
  }
  bellpull::Run run_row(RunId run) { return rows.runs().find(run, RunStore::Body::without)->run; }
  std::size_t contacts() { return rows.contacts().list({.account = account.id.key}).size(); }

  const std::filesystem::path folder = [] {
    auto path =
        std::filesystem::temp_directory_path() / ("contact_records_" + std::to_string(::getpid()));
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
    return path;
  }();
  SystemRandom random;
  WriteSession session{folder / "main.db", random};
  SqliteTransaction& rows = session.transaction();
  const TimePoint now = from_ms(1'800'000'000'000);
  Account account{.name = "a"};
  Bot bot{.name = "Clerk"};
  Trigger trigger{.name = "t"};
  const ContactClaim ann{.name = "Ann", .email = "ann@example.com"};
  const SessionKey of_ann = SessionKey::email("ann@example.com");
};

TEST_F(ContactRecordsTest, WhatWaitedWhenAnErasureBeganMakesNobodyAnew) {
  const auto first = open(accept(ann));
  const RunId waiting = accept({.email = "ANN@example.com"});
  const RunId others = accept({.email = "bob@example.com"});
  ASSERT_TRUE(rows.contact_records().erase(*first->contact, now));
  const RunId again = replay(replay(waiting));

  for (const RunId run : {waiting, again}) {
    const auto opened = open(run);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::lease_lost);
    EXPECT_EQ(run_row(run).state, RunState::canceled);
    EXPECT_EQ(run_row(run).reason, "contact erased");
  }
  EXPECT_EQ(contacts(), 1U) << "the one that goes";
  EXPECT_TRUE(open(others)) << "nobody else's";

  while (erase_contact(session, first->contact->id.key, now)) {
  }
  EXPECT_EQ(contacts(), 1U) << "the other";
  EXPECT_EQ(rows.contact_records().find_erasure(first->contact->id)->events, 4);
}

TEST_F(ContactRecordsTest, WhoComesBackWhileAnErasureRunsHasAConversationThatStays) {
  const auto first = open(accept(ann, of_ann));
  ASSERT_TRUE(rows.contact_records().erase(*first->contact, now));
  const auto back = open(accept(ann, of_ann));
  ASSERT_TRUE(back);
  EXPECT_NE(back->contact->id, first->contact->id);
  EXPECT_NE(back->conversation, first->conversation);
  while (erase_contact(session, first->contact->id.key, now)) {
  }
  EXPECT_TRUE(rows.conversations().find(back->conversation.key));
  EXPECT_FALSE(rows.conversations().find(first->conversation.key));
}

TEST_F(ContactRecordsTest, AnAccountHasNoMoreMergesAndErasuresThanItMay) {
  const auto add = [&](AccountKey owner, int number) {
    Contact contact{.account = owner, .fingerprint = "number-0123456-" + std::to_string(number)};
    EXPECT_TRUE(rows.contacts().add(contact));
    return contact;
  };
  const Contact into = add(account.id.key, 0);
  const Contact from = add(account.id.key, 1);
  const Contact first = add(account.id.key, 2);
  ASSERT_TRUE(rows.contact_records().merge(from, into, now));
  ASSERT_TRUE(rows.contact_records().erase(first, now));
  for (int i = 2; i < ContactRecords::max_running; ++i) {
    ASSERT_TRUE(rows.contact_records().erase(add(account.id.key, i + 1), now));
  }
  const auto erase_another = [&](AccountKey owner) {
    const Contact contact = add(owner, 100);
    Result<void> begun;
    session.run_undoably([&](Transaction& tx) {
      begun = tx.contact_records().erase(contact, now);
      return begun.has_value();
    });
    rows.contacts().remove(contact.id.key);
    return begun;
  };
  const Result<void> refused = erase_another(account.id.key);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_EQ(refused.error().message, "20 merges and erasures of contacts are running already");
  EXPECT_FALSE(rows.contact_records().merge(into, first, now));
  Account other{.name = "b"};
  ASSERT_TRUE(rows.accounts().add(other));
  EXPECT_TRUE(erase_another(other.id.key));

  while (move_contact(session, from.id.key, now)) {
  }
  EXPECT_FALSE(rows.contact_records().merged_into(from.id.key) == std::nullopt);
  while (erase_contact(session, first.id.key, now)) {
  }
  EXPECT_TRUE(erase_another(account.id.key)) << "and has room again when some have ended";
}

}  // namespace
}  // namespace bellpull
