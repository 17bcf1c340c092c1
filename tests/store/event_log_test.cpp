// What every store keeps in the event log, and how it is found again.
#include "store/event_log.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "domain/account.h"
#include "domain/bot.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "sqlite/database.h"
#include "store/count_postings.h"
#include "store/list.h"
#include "store/store_fixture.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class EventLogOfStore : public StoreTest {
 protected:
  std::vector<LogItem> list(ListQuery query) {
    auto found = read_page(query.page, [&](const Transaction& tx, const Page& left) {
      query.page = left;
      return tx.log().look(query);
    });
    EXPECT_TRUE(found);
    return std::move(*found);
  }
  // Oldest first.
  std::vector<LogItem> all(const Trigger& trigger, std::vector<Filter> filters = {},
                           std::vector<MetaFilter> meta = {}) {
    return list({.account = trigger.account,
                 .page = {.order = Order::ascending},
                 .filters = std::move(filters),
                 .meta = std::move(meta)});
  }
  static std::vector<std::string> types(const std::vector<LogItem>& items) {
    std::vector<std::string> names;
    for (const LogItem& item : items) names.push_back(item.type);
    return names;
  }
  void add(AccountKey account, std::string type, int count = 1, LogReferences about = {}) {
    ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
      for (int i = 0; i < count; ++i) {
        LogItem item{.account = account, .type = type, .about = about, .created_at = clock.now()};
        tx.log().add(item);
      }
      return {};
    }));
  }
  void trim(std::int64_t last) {
    ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
      tx.start_job({}, JobKind::trim_log, last);
      return {};
    }));
    const auto oldest = [&] {
      Database main{folder / "bellpull.db", OpenMode::read};
      Statement row{main, "select min(id) from log_items"};
      row.step();
      return row.number(0);
    };
    while (oldest() <= last) std::this_thread::yield();
  }
  // The index has all there is.
  void wait_for_index() {
    const auto newest = read([](const Transaction& tx) { return tx.log().newest(); });
    while (true) {
      Database index{folder / "index.db", OpenMode::read};
      Statement progress{index, "select indexed from progress where kind = 2"};
      if (progress.step() && progress.number(0) >= newest) return;
      std::this_thread::yield();
    }
  }
};

TEST_F(EventLogOfStore, ARunLeavesItsOpeningItsActionsAndItsEnd) {
  const Trigger trigger = add_trigger();
  const Acceptance kept =
      accept(trigger, "x", SessionKey::named("s"), {.name = "Ann", .email = "ann@example.com"});
  EXPECT_TRUE(all(trigger).empty()) << "ingest writes none";
  const auto claimed = claim(kept.event);
  const auto opened = open_run(trigger, claimed->lease);
  ASSERT_TRUE(wait(store->append_steps(
      {.lease = claimed->lease,
       .now = clock.now(),
       .steps = {
           {.kind = StepKind::result,
            .action = ActionOfStep{.name = "fetch", .ability = AbilityId{{7}, {}}}},
           {.kind = StepKind::result},
           {.kind = StepKind::result, .action = ActionOfStep{.name = "echo", .failed = true}}}})));
  ASSERT_TRUE(finish(claimed->lease));

  const std::vector<LogItem> items = all(trigger);
  ASSERT_EQ(types(items), (std::vector<std::string>{
                              "integration.trigger.event", "contact.create", "conversation.create",
                              "action.fetch", "action.echo", "integration.trigger.interact"}));
  for (const LogItem& item : items) {
    EXPECT_EQ(item.about.trigger, trigger.id) << item.type;
    EXPECT_EQ(item.about.bot, trigger.bot) << item.type;
    EXPECT_EQ(item.about.conversation, opened->conversation) << item.type;
    EXPECT_EQ(item.about.contact, opened->contact->id) << item.type;
    EXPECT_EQ(item.run, run_of(kept.event)) << item.type;
    EXPECT_TRUE(item.name.empty()) << "no person's name";
  }
  EXPECT_EQ(items[3].about.ability, (AbilityId{{7}, {}}));
  EXPECT_EQ(items[4].meta, R"({"isError":true})");
  EXPECT_EQ(items[5].about.ability, std::nullopt);
}

TEST_F(EventLogOfStore, AnEndSaysHowItWent) {
  const Trigger trigger = add_trigger();
  const auto end = [&](RunState state, std::string reason) {
    const auto claimed = claim(accept(trigger, "x", SessionKey::named("s")).event);
    ASSERT_TRUE(open_run(trigger, claimed->lease));
    ASSERT_TRUE(wait(store->finish({.lease = claimed->lease,
                                    .now = clock.now(),
                                    .state = state,
                                    .reason = std::move(reason)})));
  };
  end(RunState::dead, "no_bot");
  end(RunState::failed, "Ann said no");
  end(RunState::retrying, "timeout");
  const std::vector<LogItem> items = all(trigger, {{"type", {"integration.trigger.failure"}}});
  ASSERT_EQ(items.size(), 2U) << "a run that goes on has not ended";
  EXPECT_EQ(items[0].meta, R"({"outcome":"dead","reason":"no_bot"})");
  EXPECT_EQ(items[1].meta, R"({"outcome":"failed"})") << "the bot's words are not the log's";
}

TEST_F(EventLogOfStore, ARunThatIsNeverOpenedLeavesItsEventAndItsDrop) {
  const Trigger trigger = add_trigger();
  const Acceptance kept = accept(trigger, "x");
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    tx.runs().cancel(run_of(kept.event), "canceled by hand", clock.now());
    return {};
  }));
  const std::vector<LogItem> items = all(trigger);
  ASSERT_EQ(types(items),
            (std::vector<std::string>{"integration.trigger.event", "integration.trigger.drop"}));
  EXPECT_EQ(items[0].about.trigger, trigger.id);
  EXPECT_EQ(items[1].meta, R"({"outcome":"canceled","reason":"canceled by hand"})");
}

TEST_F(EventLogOfStore, ReferencesStayWhenTheirTargetsAreGone) {
  const Trigger trigger = add_trigger();
  const ConversationId conversation = process(trigger, SessionKey::named("s"));
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    tx.conversations().remove(conversation.key);
    tx.bots().remove(trigger.bot->key);
    return {};
  }));
  reopen();
  const std::vector<LogItem> items = all(trigger);
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(items.back().about.conversation, conversation);
  EXPECT_EQ(items.back().about.bot, trigger.bot);
}

TEST_F(EventLogOfStore, IsFoundByEverythingThatItNamesWhateverTheIndexHas) {
  const Trigger trigger = add_trigger();
  const Trigger other = add_trigger("Other");
  const ConversationId conversation = process(trigger, SessionKey::named("s"));
  process(trigger, SessionKey::named("t"));
  process(other, SessionKey::named("s"));
  add(trigger.account, "dataset.search", 1, {.dataset = DatasetId{{3}, {}}});
  const auto check = [&](const char* when) {
    EXPECT_EQ(all(trigger).size(), 7U) << when;
    EXPECT_EQ(all(trigger, {{"trigger", {trigger.id.key.value}}}).size(), 6U) << when;
    EXPECT_TRUE(all(trigger, {{"trigger", {other.id.key.value}}}).empty()) << when;
    EXPECT_EQ(all(trigger, {{"conversation", {conversation.key.value}}}).size(), 3U) << when;
    EXPECT_EQ(all(trigger, {{"bot", {trigger.bot->key.value}},
                            {"type", {"conversation.create", "dataset.search"}}})
                  .size(),
              2U)
        << when;
    EXPECT_EQ(all(trigger, {{"dataset", {std::int64_t{3}}}}).size(), 1U) << when;
    EXPECT_TRUE(all(trigger, {{"type", {"no.such"}}}).empty()) << when;
    EXPECT_TRUE(all(trigger, {{"bot", {std::int64_t{-1}}}}).empty()) << when;
    EXPECT_EQ(all(trigger, {}, {{{"runId"}, RunId{1}.text()}}).size(), 3U) << when;
    EXPECT_TRUE(all(trigger, {}, {{{"runId"}, "run_"}}).empty()) << when;
  };
  check("before");
  wait_for_index();
  check("after");
}

TEST_F(EventLogOfStore, IsTrimmedFromItsBeginningAndNumbersAreNotGivenTwice) {
  const Trigger trigger = add_trigger();
  add(trigger.account, "old", 60);
  clock.advance(2h);
  add(trigger.account, "new", 3);
  const auto beyond = [&](EventLog::Bounds bounds) {
    return read([&](const Transaction& tx) { return tx.log().last_beyond(bounds); });
  };
  EXPECT_EQ(beyond({}), std::nullopt);
  EXPECT_EQ(beyond({.time = clock.now() - 3h}), std::nullopt);
  EXPECT_EQ(beyond({.time = clock.now() - 1h}), 60);
  EXPECT_EQ(beyond({.rows = 10}), 53);
  EXPECT_EQ(beyond({.time = clock.now() - 1h, .rows = 2}), 61);
  EXPECT_EQ(beyond({.time = clock.now() + 1h}), 62) << "the newest stays";

  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    tx.start_job({}, JobKind::trim_log, 1000);
    return {};
  }));
  while (all(trigger).size() > 1) std::this_thread::yield();
  add(trigger.account, "newer");
  EXPECT_EQ(all(trigger).back().id.value, 64);
}

TEST_F(EventLogOfStore, AnEndOutlivesTheOpeningThatItRefersTo) {
  const Trigger trigger = add_trigger();
  process(trigger, SessionKey::named("s"));
  wait_for_index();
  trim(1);
  const std::vector<LogItem> items = all(trigger);
  ASSERT_EQ(types(items),
            (std::vector<std::string>{"conversation.create", "integration.trigger.interact"}));
  EXPECT_EQ(items[1].run, RunId{1});
  EXPECT_EQ(items[1].about.trigger, std::nullopt);
  EXPECT_TRUE(all(trigger, {{"trigger", {trigger.id.key.value}}}).empty());
}

TEST_F(EventLogOfStore, AnEndDoesNotReferToAnOpeningThatIsGoneOrFarBack) {
  const Trigger trigger = add_trigger();
  const auto begin = [&](std::string_view session) {
    const auto claimed = claim(accept(trigger, "x", SessionKey::named(session)).event);
    return std::pair{claimed->lease, open_run(trigger, claimed->lease)->conversation};
  };
  const auto [far_back, conversation] = begin("s");
  const auto [gone, other] = begin("t");
  add(trigger.account, "other", 100'001);
  ASSERT_TRUE(finish(far_back));
  trim(4);
  ASSERT_TRUE(finish(gone));
  trim(100'005);
  const std::vector<LogItem> items = all(trigger);
  ASSERT_EQ(types(items), (std::vector<std::string>{"integration.trigger.interact",
                                                    "integration.trigger.interact"}));
  EXPECT_EQ(items[0].about.conversation, conversation);
  EXPECT_EQ(items[0].about.trigger, trigger.id);
  EXPECT_EQ(items[1].about.trigger, trigger.id) << "what can still be said";
}

TEST_F(EventLogOfStore, TheIndexForgetsWhatIsTrimmed) {
  const Trigger trigger = add_trigger();
  for (int i = 0; i < 21; ++i) add(trigger.account, "old", 1000, {.bot = trigger.bot});
  wait_for_index();
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    tx.start_job({}, JobKind::trim_log, 20'999);
    return {};
  }));
  const auto postings = [&] { return count_postings(folder, "term < 0"); };
  EXPECT_EQ(postings(), 3U * 21'000);
  while (all(trigger).size() > 1) std::this_thread::yield();
  add(AccountKey{999}, "knock");  // the indexer looks when something is written
  while (postings() > 3'000) std::this_thread::yield();
  EXPECT_EQ(all(trigger).size(), 1U);
}

TEST_F(EventLogOfStore, TellsWhoseLogGrew) {
  class Ear final : public StoreListener {
   public:
    void runs_changed(std::span<const RunChange>) override {}
    void trigger_changed(TriggerKey) override {}
    void configuration_changed(AccountKey) override {}
    void log_grew(AccountKey account) override { heard.push_back(account); }
    void reopened() override {}
    std::vector<AccountKey> heard;
  };
  Ear ear;
  store->stop();
  store = std::make_unique<SqliteStore>(folder, random, clock, log);
  store->listen(ear);
  store->start();
  add(AccountKey{4}, "a", 3);
  ASSERT_FALSE(transact([&](Transaction& tx) -> Result<void> {
    LogItem item{.account = AccountKey{5}, .type = "b", .created_at = clock.now()};
    tx.log().add(item);
    return fail(ErrorCode::conflict, "undone");
  }));
  store->stop();
  EXPECT_EQ(ear.heard, std::vector<AccountKey>{AccountKey{4}});
  store->start();
}

TEST_F(EventLogOfStore, ExpiredConversationsGoAndTheLogSaysSo) {
  const Trigger trigger = add_trigger();
  Conversation lasting{.account = trigger.account, .created_at = clock.now()};
  Conversation ended = lasting;
  ended.expires_at = clock.now() + 1h;
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    if (auto added = tx.conversations().add(lasting); !added) return added;
    return tx.conversations().add(ended);
  }));
  const auto has_expired = [&] {
    return read([&](const Transaction& tx) { return tx.has_expired_conversation(clock.now()); });
  };
  EXPECT_FALSE(has_expired());
  clock.advance(1h);
  EXPECT_TRUE(has_expired());
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    tx.start_job({}, JobKind::remove_expired, to_ms(clock.now()));
    return {};
  }));
  while (has_expired()) std::this_thread::yield();
  EXPECT_TRUE(read([&](const Transaction& tx) { return tx.conversations().find(lasting.id.key); }));
  const std::vector<LogItem> items = all(trigger);
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].type, "conversation.delete");
  EXPECT_EQ(items[0].about.conversation, ended.id);
}

}  // namespace
}  // namespace bellpull
