// Keys of events and answers of calls: what a repeat gets, for how long, and in what room.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/result.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "sqlite/database.h"
#include "sqlite/migrations.h"
#include "store/accept.h"
#include "store/answers.h"
#include "store/store_fixture.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class IdempotencyTest : public StoreTest {
 protected:
  Acceptance accept_keyed(const Trigger& trigger, std::string_view body, std::string_view key) {
    return accept(trigger, body, {}, {}, key);
  }

  std::int64_t count(const std::string& what) {
    Database database{folder / "bellpull.db", OpenMode::read};
    Statement statement{database, "select count(*) from " + what};
    statement.step();
    return statement.number(0);
  }

  // Each pass is answered after the commits before it, so what waits in the background gets turns.
  void until_none_of(const std::string& what) {
    for (int i = 0; i < 1000 && count(what) > 0; ++i) add_trigger("another");
    EXPECT_EQ(count(what), 0);
  }

  Result<void> add_answer(std::string_view key, std::string_view sealed,
                          std::int64_t account_bytes = 1'000'000, AccountKey account = {1}) {
    const AnswerStore::Kept answer{.account = account,
                                   .name = {.token = {7}, .path = "/v1/bot/create", .key = key},
                                   .sealed = sealed,
                                   .expires_at = clock.now() + 24h};
    return transact([&](Transaction& tx) { return tx.answers().add(answer, account_bytes); });
  }

  std::optional<std::string> answer(const AnswerName& name) {
    return read([&](const Transaction& tx) { return tx.answers().find(name, clock.now()); });
  }
  std::optional<std::string> answer(std::string_view key) {
    return answer({.token = {7}, .path = "/v1/bot/create", .key = key});
  }
};

TEST_F(IdempotencyTest, AKeyCountsForItsTimeAndIsNewAfterIt) {
  const Trigger trigger = add_trigger();
  const EventId first = accept_keyed(trigger, "body", "key").event;
  clock.advance(24h - 1ms);
  EXPECT_EQ(accept_keyed(trigger, "body", "key").event, first);
  EXPECT_EQ(accept_keyed(trigger, "other", "key").outcome, AcceptOutcome::key_reused);

  clock.advance(1ms);

  const Acceptance later = accept_keyed(trigger, "other", "key");
  EXPECT_EQ(later.outcome, AcceptOutcome::kept);
  EXPECT_GT(later.event, first);
  EXPECT_EQ(accept_keyed(trigger, "other", "key").event, later.event);
  const auto old = read(
      [&](const Transaction& tx) { return tx.runs().find(run_of(first), RunStore::Body::with); });
  ASSERT_TRUE(old);
  EXPECT_EQ(old->event.idempotency_key, "key") << "the first event keeps its record";
  EXPECT_EQ(old->event.body, "body");
}

TEST_F(IdempotencyTest, ARepeatDoesNotMakeTheKeyLastLonger) {
  const Trigger trigger = add_trigger();
  const EventId first = accept_keyed(trigger, "body", "key").event;
  clock.advance(23h);
  EXPECT_EQ(accept_keyed(trigger, "body", "key").event, first);
  clock.advance(1h);
  EXPECT_EQ(accept_keyed(trigger, "body", "key").outcome, AcceptOutcome::kept);
}

TEST_F(IdempotencyTest, AKeyLastsAsLongAsItsEventSays) {
  const Trigger trigger = add_trigger();
  NewEvent event{.trigger = trigger.id.key,
                 .account = trigger.account,
                 .trigger_version = trigger.version,
                 .received_at = clock.now(),
                 .idempotency_key = "key",
                 .key_lifetime = 2s,
                 .body = "body"};
  const EventId first = accept(event).event;
  event.received_at += 1s;
  EXPECT_EQ(accept(event).event, first);
  event.received_at += 1s;
  EXPECT_EQ(accept(event).outcome, AcceptOutcome::kept);
}

TEST_F(IdempotencyTest, AClockThatStepsBackForgetsNoKey) {
  const Trigger trigger = add_trigger();
  const EventId first = accept_keyed(trigger, "body", "key").event;
  clock.advance(-48h);
  EXPECT_EQ(accept_keyed(trigger, "body", "key").event, first);
}

TEST_F(IdempotencyTest, AKeyIsKnownAfterARestart) {
  const Trigger trigger = add_trigger();
  const EventId first = accept_keyed(trigger, "body", "key").event;
  reopen();
  EXPECT_EQ(accept_keyed(trigger, "body", "key").event, first);
  clock.advance(24h);
  reopen();
  EXPECT_EQ(accept_keyed(trigger, "body", "key").outcome, AcceptOutcome::kept);
}

TEST_F(IdempotencyTest, AnEventWithoutAKeyTakesNoRoomAmongThem) {
  const Trigger trigger = add_trigger();
  accept(trigger, "body");
  accept(trigger, "body");
  EXPECT_EQ(count("event_keys"), 0);
}

TEST_F(IdempotencyTest, ExpiredKeysAreRemovedInTheBackground) {
  const Trigger trigger = add_trigger();
  for (int i = 0; i < 450; ++i) accept_keyed(trigger, "body", "key" + std::to_string(i));
  ASSERT_EQ(count("event_keys"), 450);
  clock.advance(24h);

  until_none_of("event_keys");

  EXPECT_EQ(count("events where idempotency_key is not null"), 450);
}

TEST_F(IdempotencyTest, OnlyExpiredKeysAreRemoved) {
  const Trigger trigger = add_trigger();
  for (int i = 0; i < 150; ++i) accept_keyed(trigger, "body", "old" + std::to_string(i));
  clock.advance(23h);
  const EventId live = accept_keyed(trigger, "body", "live").event;
  clock.advance(1h);

  until_none_of("event_keys where event <> " + std::to_string(live.value));

  EXPECT_EQ(accept_keyed(trigger, "body", "live").event, live);
}

TEST_F(IdempotencyTest, WhatExpiredWhileTheServerWasDownIsRemovedAfterTheStart) {
  const Trigger trigger = add_trigger();
  for (int i = 0; i < 250; ++i) accept_keyed(trigger, "body", "key" + std::to_string(i));
  store->stop();
  clock.advance(24h);
  open();
  until_none_of("event_keys");
}

// As the schema before keys had a table of their own left a file.
void make_old_file(const std::filesystem::path& file, TimePoint now) {
  Database database{file, OpenMode::create};
  migrate(database, main_migrations().first(6));
  database.execute(R"sql(
      insert into triggers (id, tag, account, name, description, sealed_secret, authenticate,
                            schedule_anchor, meta, version, created_at, updated_at)
        values (3, zeroblob(10), 1, '', '', x'', 0, 0, '{}', 1, 0, 0);
      insert into events (id, trigger, account, source, received_at, method, content_type, query,
                          headers, session, idempotency_key, body)
        values (5, 3, 1, 0, )sql" +
                   std::to_string(to_ms(now)) +
                   ", 'POST', '', '', '{}', '', 'key', cast('body' as blob));");
}

TEST_F(IdempotencyTest, KeysFromBeforeTheyExpiredGoOnCounting) {
  store->stop();
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    std::filesystem::remove(entry.path());
  }
  make_old_file(folder / "bellpull.db", clock.now());
  open();
  const Trigger trigger{.id = {{3}}, .account = {1}};
  EXPECT_EQ(accept_keyed(trigger, "body", "key").event, EventId{5});
  EXPECT_EQ(accept_keyed(trigger, "other", "key").outcome, AcceptOutcome::key_reused);
  clock.advance(24h);
  EXPECT_EQ(accept_keyed(trigger, "other", "key").event, EventId{6});
}

TEST_F(IdempotencyTest, AnAnswerIsKeptWithWhatItAnswersOrNotAtAll) {
  const std::string sealed{"\1\0\xFF", 3};
  const auto make = [&](std::string_view key, bool fails) {
    return transact([&](Transaction& tx) -> Result<void> {
      Account account{.name = "made", .created_at = clock.now()};
      if (auto kept = tx.accounts().add(account); !kept) return kept;
      auto kept = tx.answers().add({.account = account.id.key,
                                    .name = {.token = {7}, .path = "/v1/bot/create", .key = key},
                                    .sealed = sealed,
                                    .expires_at = clock.now() + 24h},
                                   1'000'000);
      if (fails) return fail(ErrorCode::invalid, "no");
      return kept;
    });
  };
  ASSERT_TRUE(make("kept", false));
  ASSERT_FALSE(make("undone", true));
  reopen();
  EXPECT_EQ(answer("kept"), sealed);
  EXPECT_EQ(answer("undone"), std::nullopt);
  EXPECT_EQ(count("accounts"), 1);
}

TEST_F(IdempotencyTest, AnAnswerBelongsToItsTokenPathAndKey) {
  ASSERT_TRUE(add_answer("key", "sealed"));
  EXPECT_EQ(answer({.token = {8}, .path = "/v1/bot/create", .key = "key"}), std::nullopt);
  EXPECT_EQ(answer({.token = {7}, .path = "/v1/contact/create", .key = "key"}), std::nullopt);
  EXPECT_EQ(answer({.token = {7}, .path = "/v1/bot/create", .key = "Key"}), std::nullopt);
  EXPECT_EQ(answer("key"), "sealed");
}

TEST_F(IdempotencyTest, KeysThatCountAreKeptAsDigests) {
  accept_keyed(add_trigger(), "body", "ann@example.com");
  EXPECT_EQ(count("event_keys where typeof(key) = 'blob' and length(key) = 32"), 1);
  EXPECT_EQ(count("event_keys"), 1);
}

TEST_F(IdempotencyTest, AnAnswerMakesRoomWhenItsTimeIsOver) {
  ASSERT_TRUE(add_answer("key", "first"));
  clock.advance(24h);
  EXPECT_EQ(answer("key"), std::nullopt);
  ASSERT_TRUE(add_answer("key", "second"));
  EXPECT_EQ(answer("key"), "second");
}

TEST_F(IdempotencyTest, AnAccountKeepsNoMoreAnswersThanItMay) {
  constexpr std::int64_t room = 10'000;
  const std::string large(2'000, 'x');
  for (const char* key : {"a", "b", "c", "d"}) ASSERT_TRUE(add_answer(key, large, room));
  const auto refused = add_answer("e", large, room);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_many_requests);
  EXPECT_TRUE(add_answer("f", "small", room));
  EXPECT_TRUE(add_answer("g", large, room, AccountKey{2})) << "each account has its own room";

  clock.advance(24h);
  until_none_of("answers");
  EXPECT_TRUE(add_answer("e", large, room)) << "and has it again when they have expired";
}

TEST_F(IdempotencyTest, ExpiredAnswersAreRemovedInTheBackground) {
  for (int i = 0; i < 250; ++i) ASSERT_TRUE(add_answer("key" + std::to_string(i), "sealed"));
  clock.advance(24h);
  until_none_of("answers");
}

}  // namespace
}  // namespace bellpull
