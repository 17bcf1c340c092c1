// The indexes of values that lists read: they follow every change of a row, and keep nothing of one
// that is gone.
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/result.h"
#include "domain/bot.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "store/count_postings.h"
#include "store/list.h"
#include "store/list_fixture.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

class ValueIndex : public ListTest {};

TEST_F(ValueIndex, AMetaFilterPassesOnlyRowsThatHaveTheValue) {
  const AccountKey account = add_trigger().account;
  std::vector<std::int64_t> rare;
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    for (int i = 0; i < 2'500; ++i) {
      const bool is_rare = i % 500 == 7;
      Bot bot{.account = account, .meta = is_rare ? R"({"a":{"b":"x"}})" : R"({"a":{"b":"y"}})"};
      if (auto kept = tx.bots().add(bot); !kept) return kept;
      if (is_rare) rare.push_back(bot.id.key.value);
    }
    return {};
  }));
  EXPECT_EQ(bots_with(account, {"a", "b"}, "x"), rare);
  EXPECT_EQ(looks, 1);
  EXPECT_TRUE(bots_with(account, {"a", "b"}, "z").empty());
  EXPECT_EQ(looks, 1);
}

TEST_F(ValueIndex, AMetaFilterFollowsEveryChangeOfItsRow) {
  const Trigger other = add_trigger();
  const AccountKey account = other.account;
  Bot bot = add_bot(account, R"({"color":"red","size":7})");
  const std::vector<std::int64_t> it{bot.id.key.value};
  EXPECT_EQ(bots_with(account, {"color"}, "red"), it);
  EXPECT_EQ(bots_with(account, {"size"}, "7"), it);
  EXPECT_TRUE(bots_with({account.value + 1}, {"color"}, "red").empty());

  bot.meta = R"({"color":"blue","size":7})";
  ASSERT_TRUE(transact([&](Transaction& tx) { return tx.bots().update(bot); }));
  EXPECT_TRUE(bots_with(account, {"color"}, "red").empty());
  EXPECT_EQ(bots_with(account, {"color"}, "blue"), it);
  EXPECT_EQ(bots_with(account, {"size"}, "7"), it);
  EXPECT_EQ(number("bellpull.db", "select count(*) from meta_values"), 2);

  ASSERT_TRUE(
      transact([&](Transaction& tx) -> Result<bool> { return tx.bots().remove(bot.id.key); }));
  EXPECT_TRUE(bots_with(account, {"color"}, "blue").empty());
  EXPECT_EQ(number("bellpull.db", "select count(*) from meta_values"), 0) << "nothing is left";
}

TEST_F(ValueIndex, ADeletedTriggerAndTheAbilitiesOfARemovedSkillsetLeaveNoValues) {
  Trigger trigger = add_trigger();
  trigger.meta = R"({"color":"red"})";
  const auto skillset = transact([&](Transaction& tx) -> Result<Skillset> {
    if (auto kept = tx.triggers().update(trigger); !kept) return std::unexpected(kept.error());
    Skillset added{.account = trigger.account};
    if (auto kept = tx.skillsets().add(added); !kept) return std::unexpected(kept.error());
    for (int i = 0; i < 60; ++i) {
      Ability ability{.account = trigger.account, .skillset = added.id, .meta = R"({"n":1})"};
      if (auto kept = tx.abilities().add(ability); !kept) return std::unexpected(kept.error());
    }
    return added;
  });
  ASSERT_TRUE(skillset);
  EXPECT_EQ(number("bellpull.db", "select count(*) from meta_values"), 61);
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    trigger.deleted_at = clock.now();
    tx.skillsets().remove(skillset->id.key);
    tx.start_job(trigger.account, JobKind::remove_abilities, skillset->id.key.value);
    return tx.triggers().update(trigger);
  }));
  // Each is answered after the commits before it, so the job gets its turns.
  const auto jobs = [&] { return number("bellpull.db", "select count(*) from jobs"); };
  for (int i = 0; i < 1'000 && jobs() > 0; ++i) add_bot(trigger.account, "{}");
  EXPECT_EQ(jobs(), 0);
  EXPECT_EQ(number("bellpull.db", "select count(*) from meta_values"), 0);
}

// Of one resource; as many as 64 KiB of meta can hold.
TEST_F(ValueIndex, EveryValueOfACrowdedMetaIsFound) {
  const AccountKey account = add_trigger().account;
  std::string meta = R"({"first":"x")";
  for (int i = 0; i < 5'000; ++i) {
    meta += ",\"k" + std::to_string(i) + "\":" + std::to_string(i);
  }
  meta += R"(,"last":true})";
  const std::vector<std::int64_t> bot{add_bot(account, meta).id.key.value};
  const std::vector<std::int64_t> conversation{add_conversation(account, meta).id.key.value};
  index_everything();
  const std::vector<MetaFilter> filters{{{"first"}, "x"}, {{"k4711"}, "4711"}, {{"last"}, "true"}};
  for (const MetaFilter& filter : filters) {
    EXPECT_EQ(bots_with(account, filter.path, filter.value), bot);
    EXPECT_TRUE(bots_with(account, filter.path, "other").empty());
    EXPECT_EQ(conversations_with(account, {}, {filter}), conversation);
    EXPECT_TRUE(conversations_with(account, {}, {{filter.path, "other"}}).empty());
  }
  EXPECT_LE(number("bellpull.db", "select count(*) from meta_values"), 200);
  EXPECT_LE(count_postings(folder), 200U);
}

// Broke once: what looked like a number was not looked for in the index, so a million rows were
// passed for "meta.customer=4711".
TEST_F(ValueIndex, AValueIsFoundByTheIndexWhateverItLooksLike) {
  const AccountKey account = add_trigger().account;
  const std::string long_text(5'000, 'x');
  const std::vector<std::pair<std::string, std::string>> values{
      {"4711", "4711"},
      {"\"4711\"", "4711"},
      {"-1.50", "-1.5"},
      {"1.0", "1"},
      {"\"1e5\"", "1e5"},
      {"true", "true"},
      {"\"true\"", "true"},
      {"\"a\\\"b\\\\c\"", "a\"b\\c"},
      {"\"" + long_text + "1\"", long_text + "1"},
      {"\"" + long_text + "2\"", long_text + "2"},
  };
  std::vector<std::int64_t> ids;
  for (const auto& [json, text] : values) {
    ids.push_back(add_conversation(account, "{\"a\":{\"k.\\\"\":" + json + "}}").id.key.value);
  }
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    for (int i = 0; i < 4'000; ++i) {
      Conversation other{.account = account, .meta = R"({"a":{"k":"other"}})"};
      if (auto kept = tx.conversations().add(other); !kept) return kept;
    }
    return {};
  }));
  index_everything();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string& text = values[i].second;
    std::vector<std::int64_t> expected;
    for (std::size_t j = 0; j < values.size(); ++j) {
      if (values[j].second == text) expected.push_back(ids[j]);
    }
    EXPECT_EQ(conversations_with(account, {}, {{{"a", "k.\""}, text}}), expected) << text;
    EXPECT_LE(looks, 2) << text;
  }
}

TEST_F(ValueIndex, AChangedConversationIsWhereItIsAndNowhereElse) {
  const AccountKey account = add_trigger().account;
  Conversation one = add_conversation(account, R"({"color":"red","size":7})");
  const std::vector<std::int64_t> it{one.id.key.value};
  index_everything();
  one.meta = R"({"color":"blue","size":7})";
  one.task = "t";
  ASSERT_TRUE(transact([&](Transaction& tx) { return tx.conversations().update(one); }));
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(conversations_with(account, {}, {{{"color"}, "red"}}).empty());
    EXPECT_EQ(conversations_with(account, {}, {{{"color"}, "blue"}}), it);
    EXPECT_EQ(conversations_with(account, {{"task", {"t"}}}, {{{"size"}, "7"}}), it);
    index_everything();  // the second round reads the index alone
  }
  EXPECT_EQ(count_postings(folder), 4U);
}

// A list would pass them for ever.
TEST_F(ValueIndex, RemovedConversationsLeaveNothingInTheIndex) {
  const AccountKey account = add_trigger().account;
  std::vector<ConversationKey> keys;
  const auto meta_of = [](int i) { return "{\"n\":" + std::to_string(i) + "}"; };
  for (int i = 0; i < 40; ++i) keys.push_back(add_conversation(account, meta_of(i)).id.key);
  index_everything();
  EXPECT_EQ(count_postings(folder), 80U);
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    for (const ConversationKey key : keys) tx.conversations().remove(key);
    return {};
  }));
  add_conversation(account, meta_of(1'000));
  index_everything();
  EXPECT_EQ(count_postings(folder), 2U);
  EXPECT_EQ(number("index.db", "select count(*) from terms"), 2);
}

// Broke once: a contact that an event of the session brought later was not noted for the index.
TEST_F(ValueIndex, AConversationIsFoundByAContactThatCameLater) {
  const Trigger trigger = add_trigger();
  const SessionKey session = SessionKey::named("s");
  const ConversationId conversation = process(trigger, session);
  index_everything();
  const auto claimed = claim(accept(trigger, "x", session, {.email = "ann@example.com"}).event);
  ASSERT_TRUE(claimed);
  const auto opened = open_run(trigger, claimed->lease);
  ASSERT_TRUE(opened && opened->contact);
  EXPECT_EQ(opened->conversation, conversation);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(conversations_with(trigger.account, {{"contact", {opened->contact->id.key.value}}}),
              std::vector<std::int64_t>{conversation.key.value});
    index_everything();
  }
}

// Broke once: a merge left its conversations under the contact that is gone.
TEST_F(ValueIndex, AConversationOfAMergedContactIsFoundByTheOtherOnly) {
  const AccountKey account = add_trigger().account;
  Contact from{.account = account, .fingerprint = "from-0123456789"};
  Contact into{.account = account, .fingerprint = "into-0123456789"};
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    if (auto kept = tx.contacts().add(from); !kept) return kept;
    return tx.contacts().add(into);
  }));
  Conversation one{.account = account, .contact = from.id};
  ASSERT_TRUE(transact([&](Transaction& tx) { return tx.conversations().add(one); }));
  index_everything();
  ASSERT_TRUE(transact(
      [&](Transaction& tx) { return tx.contact_records().merge(from, into, clock.now()); }));
  while (read([&](const Transaction& tx) { return tx.contacts().find(from.id.key); })) {
    std::this_thread::yield();
  }
  const std::vector<std::int64_t> it{one.id.key.value};
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(conversations_with(account, {{"contact", {from.id.key.value}}}).empty());
    EXPECT_EQ(conversations_with(account, {{"contact", {into.id.key.value}}}), it);
    index_everything();
  }
  EXPECT_EQ(number("index.db", "select count(*) from terms where facet = 'conversation.contact'"),
            1);
}

TEST_F(ValueIndex, NullArraysAndObjectsMatchNothing) {
  const AccountKey account = add_trigger().account;
  const std::string meta = R"({"none":null,"list":["a"],"inner":{"b":"c"}})";
  add_bot(account, meta);
  add_conversation(account, meta);
  const std::vector<MetaFilter> filters{
      {{"none"}, "null"}, {{"list"}, R"(["a"])"}, {{"inner"}, R"({"b":"c"})"}};
  for (const MetaFilter& filter : filters) {
    EXPECT_TRUE(bots_with(account, filter.path, filter.value).empty());
    EXPECT_TRUE(conversations_with(account, {}, {filter}).empty());
  }
}

}  // namespace
}  // namespace bellpull
