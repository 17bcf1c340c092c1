// A walk by cursor sees every row that stays exactly once, in order, while others come and go and
// the clock is set back and forth. Of every kind of row, in both orders, from seeds.
#include "store/list_walk.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/result.h"
#include "domain/account.h"
#include "domain/bot.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "store/list.h"
#include "store/store_fixture.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

// What the rows of a walk have in common.
struct Scene {
  AccountKey account;
  SkillsetId skillset;
  BotId bot;
  TriggerId trigger;
  ConversationKey conversation;
  TimePoint now;
};

// Each kind: a list of it, and adding and removing one of its rows. Rows are red or not by `meta`,
// where they have one.
template <class Resource>
struct ResourceKind {
  static constexpr bool has_colors = true;
  static constexpr bool removes = true;

  static Resource make(const Scene& scene, int number) {
    Resource row{.account = scene.account};
    row.created_at = scene.now;
    if constexpr (requires { row.fingerprint; }) row.fingerprint = std::to_string(number);
    if constexpr (requires { row.digest; }) {
      row.digest[0] = static_cast<std::uint8_t>(number);
      row.digest[1] = static_cast<std::uint8_t>(number >> 8);
    }
    if constexpr (std::is_same_v<Resource, Ability>) row.skillset = scene.skillset;
    return row;
  }
  static std::int64_t add(Transaction& tx, const Scene& scene, int number, bool red) {
    Resource row = make(scene, number);
    row.meta = red ? R"({"color":"red"})" : R"({"color":"blue"})";
    EXPECT_TRUE(of(tx).add(row));
    return row.id.key.value;
  }
  static void remove(Transaction& tx, const Scene& scene, std::int64_t id) {
    if constexpr (std::is_same_v<Resource, Trigger>) {
      auto row = tx.triggers().find(TriggerKey{id});
      row->deleted_at = scene.now;
      EXPECT_TRUE(tx.triggers().update(*row));
    } else {
      EXPECT_TRUE(of(tx).remove({id}));
    }
  }
  static PagePart<Resource> look(const Transaction& tx, const Scene& scene, ListQuery query) {
    if constexpr (std::is_same_v<Resource, Ability>) {
      query.filters.push_back({"skillset", {scene.skillset.key.value}});
    }
    return of(tx).look(query);
  }

 private:
  static auto& of(auto& tx) {
    if constexpr (std::is_same_v<Resource, Token>) return tx.tokens();
    if constexpr (std::is_same_v<Resource, Bot>) return tx.bots();
    if constexpr (std::is_same_v<Resource, Skillset>) return tx.skillsets();
    if constexpr (std::is_same_v<Resource, Ability>) return tx.abilities();
    if constexpr (std::is_same_v<Resource, Trigger>) return tx.triggers();
    if constexpr (std::is_same_v<Resource, Contact>) return tx.contacts();
    if constexpr (std::is_same_v<Resource, Conversation>) return tx.conversations();
  }
};

struct EventKind {
  static constexpr bool has_colors = false;
  static constexpr bool removes = false;

  static std::int64_t add(Transaction& tx, const Scene& scene, int /*number*/, bool /*red*/) {
    return tx.runs()
        .add({.trigger = scene.trigger.key,
              .account = scene.account,
              .received_at = scene.now,
              .headers = "{}"})
        .value;
  }
  static void remove(Transaction& /*tx*/, const Scene& /*scene*/, std::int64_t /*id*/) {}
  static PagePart<EventAndRun> look(const Transaction& tx, const Scene& scene, ListQuery query) {
    query.filters.push_back({"trigger", {scene.trigger.key.value}});
    return tx.runs().look(query);
  }
};

struct MessageKind {
  static constexpr bool has_colors = false;
  static constexpr bool removes = true;

  static std::int64_t add(Transaction& tx, const Scene& scene, int /*number*/, bool /*red*/) {
    Message message{.type = MessageType::user, .text = "x", .created_at = scene.now};
    tx.messages().add(scene.conversation, message);
    return message.id.number;
  }
  static void remove(Transaction& tx, const Scene& scene, std::int64_t id) {
    EXPECT_TRUE(tx.messages().remove({scene.conversation, id}));
  }
  static PagePart<Message> look(const Transaction& tx, const Scene& scene, const ListQuery& query) {
    return {.rows = tx.messages().list(scene.conversation, query.page)};
  }
};

template <class Kind>
class ListWalk : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    const Trigger trigger = add_trigger();
    scene = {.account = trigger.account, .bot = *trigger.bot, .trigger = trigger.id};
    ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
      Skillset skillset{.account = scene.account};
      if (auto kept = tx.skillsets().add(skillset); !kept) return kept;
      scene.skillset = skillset.id;
      // What the scene itself needs is not part of the walk.
      Account account{.name = "walked"};
      if (auto kept = tx.accounts().add(account); !kept) return kept;
      walked = account.id.key;
      Conversation conversation{.account = scene.account};
      if (auto kept = tx.conversations().add(conversation); !kept) return kept;
      scene.conversation = conversation.id.key;
      return {};
    }));
    scene.account = walked;
  }

  // Some rows come, some go, and somebody sets the clock.
  void change(int most) {
    clock.step(std::chrono::minutes{static_cast<int>(random() % 600) - 300});
    scene.now = clock.now();
    ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
      for (auto coming = random() % static_cast<unsigned>(most); coming > 0; --coming) {
        const bool red = Kind::has_colors && random() % 3 == 0;
        const std::int64_t id = Kind::add(tx, scene, ++added, red);
        (red ? reds : others).insert(id);
      }
      if (!Kind::removes) return {};
      for (auto going = random() % static_cast<unsigned>(most); going > 0; --going) {
        std::set<std::int64_t>& from = random() % 2 == 0 ? reds : others;
        if (from.empty()) continue;
        const auto row = std::next(from.begin(), static_cast<int>(random() % from.size()));
        Kind::remove(tx, scene, *row);
        from.erase(row);
      }
      return {};
    }));
  }

  std::set<std::int64_t> present(bool only_red) const {
    std::set<std::int64_t> rows = reds;
    if (!only_red) rows.insert(others.begin(), others.end());
    return rows;
  }

  void walk_once(Order order, bool only_red) {
    std::set<std::int64_t> stayed = present(only_red);
    int pages = 0;
    const auto fetch = [&](const Page& page) {
      ListQuery query{.account = walked};
      if (only_red) query.meta = {{{"color"}, "red"}};
      const auto rows = read_page(page, [&](const Transaction& tx, const Page& left) {
        query.page = left;
        return Kind::look(tx, scene, query);
      });
      if (++pages < 40) change(12);  // so that it ends
      std::set<std::int64_t> still;
      std::ranges::set_intersection(stayed, present(only_red), std::inserter(still, still.end()));
      stayed = still;
      return ids_of(rows.value());
    };
    const std::vector<std::int64_t> seen =
        walk(fetch, order, 10 + static_cast<std::int64_t>(random() % 20));
    const auto falls = [&](std::int64_t one, std::int64_t next) {
      return order == Order::ascending ? next <= one : next >= one;
    };
    EXPECT_EQ(std::ranges::adjacent_find(seen, falls), seen.end()) << "in order, and each once";
    for (const std::int64_t id : stayed) {
      EXPECT_TRUE(std::ranges::binary_search(
          seen, id, [&](auto one, auto other) { return falls(other, one) && one != other; }))
          << id << " was not seen";
    }
  }

  Scene scene;
  AccountKey walked;
  std::mt19937 random;
  int added = 0;
  std::set<std::int64_t> reds;
  std::set<std::int64_t> others;
};

using Kinds = testing::Types<ResourceKind<Token>, ResourceKind<Bot>, ResourceKind<Skillset>,
                             ResourceKind<Ability>, ResourceKind<Trigger>, ResourceKind<Contact>,
                             ResourceKind<Conversation>, EventKind, MessageKind>;
TYPED_TEST_SUITE(ListWalk, Kinds);

TYPED_TEST(ListWalk, SeesEveryRowThatStaysOnce) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    this->random.seed(seed);
    for (int i = 0; i < 3; ++i) this->change(200);
    for (const Order order : {Order::ascending, Order::descending}) {
      this->walk_once(order, false);
      if (TypeParam::has_colors) this->walk_once(order, true);
    }
  }
}

}  // namespace
}  // namespace bellpull
