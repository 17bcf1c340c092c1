// Lists: which rows, in what order, and how many rows are passed for it.
#include "store/list.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/result.h"
#include "domain/bot.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/secret.h"
#include "domain/trigger.h"
#include "store/list_fixture.h"
#include "store/list_walk.h"
#include "store/store_fixture.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

TEST_F(StoreTest, ConversationListsAreExactWhateverTheIndexHas) {
  const Trigger orders = add_trigger();
  const Trigger other = add_trigger("Other");
  std::vector<std::int64_t> expected;
  for (int i = 0; i < 25; ++i) {
    expected.push_back(process(orders, {}).key.value);
    process(other, {});
  }
  const auto fetch = [&](const Page& page) {
    const auto rows = read_page(page, [&](const Transaction& tx, const Page& left) {
      return tx.conversations().look(
          {.account = orders.account,
           .page = left,
           .meta = {{.path = {"trigger", "integrationId"}, .value = orders.id.text()}}});
    });
    return ids_of(rows.value());
  };
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(walk(fetch, Order::ascending, 7), expected);
    std::vector<std::int64_t> newest_first = walk(fetch, Order::descending, 10);
    std::ranges::reverse(newest_first);
    EXPECT_EQ(newest_first, expected);
    reopen();  // the second round reads what was indexed by then, and the rest
  }
}

TEST_F(StoreTest, AChangedConversationIsFoundByItsNewValueAtOnce) {
  const Trigger trigger = add_trigger();
  const ConversationId id = process(trigger, {});
  const auto with_color = [&](std::string color) {
    const auto rows = read_page({}, [&](const Transaction& tx, const Page& left) {
      return tx.conversations().look({.account = trigger.account,
                                      .page = left,
                                      .meta = {{.path = {"color"}, .value = color}}});
    });
    return rows.value();
  };
  ASSERT_TRUE(transact([&](Transaction& tx) {
    auto conversation = tx.conversations().find(id);
    conversation->meta = R"({"color":"red"})";
    return tx.conversations().update(*conversation);
  }));
  EXPECT_EQ(with_color("red").size(), 1);
  EXPECT_TRUE(with_color("blue").empty());
}

class EventLists : public StoreTest {
 protected:
  // `count` events of which every `step`th ends in `state`; those, oldest first.
  std::vector<std::int64_t> add_events(const Trigger& trigger, int count, int step,
                                       RunState state) {
    std::vector<std::int64_t> ended;
    const auto added = transact([&](Transaction& tx) -> Result<void> {
      for (int i = 0; i < count; ++i) {
        const EventId event = tx.runs().add({.trigger = trigger.id.key,
                                             .account = trigger.account,
                                             .received_at = clock.now(),
                                             .headers = "{}"});
        if (i % step == 0) ended.push_back(event.value);
      }
      return {};
    });
    EXPECT_TRUE(added);
    for (const std::int64_t event : ended) {
      EXPECT_TRUE(finish(claim(EventId{event})->lease, state));
    }
    return ended;
  }

  // One page of the events in `state`.
  std::vector<std::int64_t> in_state(const Trigger& trigger, RunState state, const Page& page) {
    const auto rows = read_page(page, [&](const Transaction& tx, const Page& left) {
      return tx.runs().look(
          {.account = trigger.account,
           .page = left,
           .filters = {{.field = "state", .any_of = {static_cast<std::int64_t>(state)}}}});
    });
    return ids_of(rows.value());
  }
};

TEST_F(EventLists, AreExactOverManyLooksWhateverTheIndexHas) {
  const Trigger trigger = add_trigger();
  const std::vector<std::int64_t> failed = add_events(trigger, 2'500, 300, RunState::failed);
  const auto fetch = [&](const Page& page) { return in_state(trigger, RunState::failed, page); };
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(walk(fetch, Order::ascending, 4), failed);
    std::vector<std::int64_t> newest_first = walk(fetch, Order::descending, 4);
    std::ranges::reverse(newest_first);
    EXPECT_EQ(newest_first, failed);
    reopen();  // the second round reads what was indexed by then, and the rest
  }
}

TEST_F(EventLists, OfDeadLettersAreExact) {
  const Trigger trigger = add_trigger();
  const Trigger other = add_trigger();
  const std::vector<std::int64_t> dead = add_events(trigger, 30, 3, RunState::dead);
  add_events(other, 5, 1, RunState::dead);
  const auto fetch = [&](const Page& page) { return in_state(trigger, RunState::dead, page); };
  EXPECT_EQ(walk(fetch, Order::ascending, 4), dead);
  std::vector<std::int64_t> newest_first = walk(fetch, Order::descending, 3);
  std::ranges::reverse(newest_first);
  EXPECT_EQ(newest_first, dead);
}

TEST_F(EventLists, PassAThousandRowsALookAndKeepTheirOrderWhileRowsCome) {
  const Trigger trigger = add_trigger();
  const std::vector<std::int64_t> failed = add_events(trigger, 2'500, 300, RunState::failed);
  int looks = 0;
  const auto rows = read_page({}, [&](const Transaction& tx, const Page& left) {
    if (++looks == 2) add_events(trigger, 2, 1, RunState::failed);
    return tx.runs().look({.account = trigger.account,
                           .page = left,
                           .filters = {{.field = "state", .any_of = {std::int64_t{5}}}}});
  });
  EXPECT_GE(looks, 3);
  std::vector<std::int64_t> ids = ids_of(rows.value());
  std::ranges::reverse(ids);
  EXPECT_EQ(ids, failed);
}

TEST_F(StoreTest, ContactsAreFoundByMetaAmongThousands) {
  const Trigger trigger = add_trigger();
  std::vector<std::int64_t> red;
  const auto added = transact([&](Transaction& tx) -> Result<void> {
    for (int i = 0; i < 2'500; ++i) {
      Contact contact{.account = trigger.account, .fingerprint = std::to_string(i)};
      if (i % 300 == 0) contact.meta = R"({"color":"red"})";
      if (auto kept = tx.contacts().add(contact); !kept) return kept;
      if (i % 300 == 0) red.push_back(contact.id.key.value);
    }
    return {};
  });
  ASSERT_TRUE(added);
  const auto fetch = [&](const Page& page) {
    const auto rows = read_page(page, [&](const Transaction& tx, const Page& left) {
      return tx.contacts().look({.account = trigger.account,
                                 .page = left,
                                 .meta = {{.path = {"color"}, .value = "red"}}});
    });
    return ids_of(rows.value());
  };
  EXPECT_EQ(walk(fetch, Order::ascending, 4), red);
  std::vector<std::int64_t> newest_first = walk(fetch, Order::descending, 4);
  std::ranges::reverse(newest_first);
  EXPECT_EQ(newest_first, red);
}

// Broke once: a filter without an index passed all rows in one snapshot.
TEST_F(StoreTest, AFilterWithoutAnIndexPassesFewRowsAtOnce) {
  const Trigger trigger = add_trigger();
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    for (int i = 0; i < 2'500; ++i) {
      Bot bot{.account = trigger.account};
      if (auto kept = tx.bots().add(bot); !kept) return kept;
      Contact contact{.account = trigger.account, .fingerprint = std::to_string(i)};
      if (auto kept = tx.contacts().add(contact); !kept) return kept;
    }
    return {};
  }));
  int looks = 0;
  const auto of_skillset = read_page({}, [&](const Transaction& tx, const Page& left) {
    ++looks;
    return tx.bots().look({.account = trigger.account,
                           .page = left,
                           .filters = {{.field = "skillset", .any_of = {std::int64_t{7}}}}});
  });
  EXPECT_TRUE(of_skillset && of_skillset->empty());
  EXPECT_EQ(looks, 3);
  looks = 0;
  const auto of_email = read_page({}, [&](const Transaction& tx, const Page& left) {
    ++looks;
    return tx.contacts().look({.account = trigger.account,
                               .page = left,
                               .filters = {{.field = "email", .any_of = {"ann@example.com"}}}});
  });
  EXPECT_TRUE(of_email && of_email->empty());
  EXPECT_EQ(looks, 1) << "an index says that there is none";
}

TEST_F(ListTest, ALookAtAContactsValuesPassesFewOfTheOthersAndOfTheVoidOnes) {
  const AccountKey account = add_trigger().account;
  Secret secret{.account = account, .kind = SecretUse::personal};
  Contact ann{.account = account, .fingerprint = "ann"};
  Contact bob{.account = account, .fingerprint = "bob"};
  PersonalSecret of_ann{.account = account};
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    if (auto kept = tx.secrets().add(secret); !kept) return kept;
    if (auto kept = tx.contacts().add(ann); !kept) return kept;
    if (auto kept = tx.contacts().add(bob); !kept) return kept;
    of_ann.secret = secret.id;
    of_ann.contact = ann.id;
    PersonalSecret of_bob{.account = account, .secret = secret.id, .contact = bob.id};
    for (int i = 0; i < 3'000; ++i) {
      if (auto kept = tx.personal_secrets().add(of_bob); !kept) return kept;
      if (i != 1'500) continue;
      if (auto kept = tx.personal_secrets().add(of_ann); !kept) return kept;
    }
    return {};
  }));
  const auto values_of = [&](std::vector<Filter> filters) {
    filters.push_back({.field = "secret", .any_of = {secret.id.key.value}});
    return page_of<PersonalSecret>(&Transaction::personal_secrets,
                                   {.account = account, .filters = std::move(filters)});
  };
  EXPECT_EQ(values_of({{.field = "contact", .any_of = {ann.id.key.value}}}),
            std::vector{of_ann.id.key.value});
  EXPECT_EQ(looks, 1) << "both indexes lead there";
  ASSERT_TRUE(transact([&](Transaction& tx) {
    secret.revoked_through = 10'000;
    return tx.secrets().update(secret);
  }));
  EXPECT_TRUE(values_of({}).empty());
  EXPECT_GE(looks, 3) << "no look holds its snapshot for all void ones";
}

TEST_F(ListTest, AFilterByManyValuesPassesOnlyTheRowsOfAnyOfThem) {
  const Trigger trigger = add_trigger();
  std::vector<std::int64_t> wanted;
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    for (int i = 0; i < 4'000; ++i) {
      Conversation one{.account = trigger.account, .task = "t" + std::to_string(i % 1'000)};
      if (auto kept = tx.conversations().add(one); !kept) return kept;
      if (i % 1'000 == 10 || i % 1'000 == 900) wanted.push_back(one.id.key.value);
    }
    return {};
  }));
  index_everything();
  EXPECT_EQ(conversations_with(trigger.account, {{"task", {"t900", "t10", "nothing"}}}), wanted);
  EXPECT_LE(looks, 2);
}

// Two halves of the rows that have nothing in common: no row is read for it.
TEST_F(ListTest, FiltersTogetherPassOnlyWhatTheirIndexesHaveInCommon) {
  const Trigger trigger = add_trigger();
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    for (int i = 0; i < 6'000; ++i) {
      Conversation one{.account = trigger.account,
                       .task = i % 2 == 0 ? "even" : "odd",
                       .meta = i % 2 == 0 ? R"({"half":"even"})" : R"({"half":"odd"})"};
      if (auto kept = tx.conversations().add(one); !kept) return kept;
    }
    return {};
  }));
  index_everything();
  for (const Order order : {Order::ascending, Order::descending}) {
    EXPECT_TRUE(
        conversations_with(trigger.account, {{"task", {"even"}}}, {{{"half"}, "odd"}}, order)
            .empty());
    EXPECT_LE(looks, 4);
  }
}

// Broke once: SQLite read an account's abilities in order to find those of one skillset.
TEST_F(ListTest, AListOfOneSkillsetDoesNotPassTheAbilitiesOfOthers) {
  const Trigger trigger = add_trigger();
  std::vector<std::int64_t> wanted;
  std::int64_t skillset = 0;
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    Skillset few{.account = trigger.account};
    Skillset many{.account = trigger.account};
    if (auto kept = tx.skillsets().add(few); !kept) return kept;
    if (auto kept = tx.skillsets().add(many); !kept) return kept;
    skillset = few.id.key.value;
    for (int i = 0; i < 1'500; ++i) {
      Ability one{.account = trigger.account, .skillset = i % 300 == 0 ? few.id : many.id};
      if (auto kept = tx.abilities().add(one); !kept) return kept;
      if (i % 300 == 0) wanted.push_back(one.id.key.value);
    }
    return {};
  }));
  const auto of_skillset = [&](const Page& page) {
    return page_of<Ability>(&Transaction::abilities,
                            {.account = trigger.account,
                             .page = page,
                             .filters = {{.field = "skillset", .any_of = {skillset}}}});
  };
  EXPECT_EQ(walk(of_skillset, Order::ascending, 2), wanted);
  std::vector<std::int64_t> newest_first = walk(of_skillset, Order::descending, 2);
  std::ranges::reverse(newest_first);
  EXPECT_EQ(newest_first, wanted);
}

TEST_F(ListTest, APageThatTakesTooLongIsRefusedWithWhatToDo) {
  int looks_made = 0;
  const auto endless = read_page({}, [&](const Transaction&, const Page& left) {
    ++looks_made;
    clock.advance(100ms);
    clock.step(-1h);  // a wall clock that steps gives no time
    return PagePart<Bot>{.rows = {}, .passed = left.after + 1};
  });
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().code, ErrorCode::invalid);
  EXPECT_EQ(endless.error().message, "too many rows must be passed to fill this list");
  EXPECT_EQ(endless.error().hint, "filter by fewer or rarer values");
  EXPECT_EQ(looks_made, 20) << "two seconds of them";
}

TEST_F(ListTest, APageOfOneLookIsGivenHoweverLongItTook) {
  const auto found = read_page({}, [&](const Transaction&, const Page&) {
    clock.advance(1h);
    return PagePart<Bot>{.rows = {Bot{}}};
  });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->size(), 1);
}

TEST_F(ListTest, APageEndsWithItsBytesAndTheNextOneGoesOn) {
  const std::string half(max_page_bytes / 2, 'x');
  const AccountKey account = add_trigger().account;
  const auto bots = transact([&](Transaction& tx) -> Result<std::vector<std::int64_t>> {
    std::vector<std::int64_t> ids;
    for (int i = 0; i < 5; ++i) {
      Bot bot{.account = account, .name = "Large", .backstory = half};
      if (auto kept = tx.bots().add(bot); !kept) return std::unexpected(kept.error());
      ids.push_back(bot.id.key.value);
    }
    return ids;
  });
  ASSERT_TRUE(bots);
  const auto page_after = [&](std::int64_t after) {
    const Page page{.after = after, .order = Order::ascending};
    return read_page(page,
                     [&](const Transaction& tx, const Page& left) {
                       return tx.bots().look({.account = account, .page = left});
                     })
        .value();
  };
  const auto first = page_after(bots->front() - 1);
  EXPECT_EQ(first.size(), 2);
  EXPECT_TRUE(first.is_cut);
  const auto second = page_after(first.back().id.key.value);
  EXPECT_EQ(second.size(), 2);
  const auto last = page_after(second.back().id.key.value);
  EXPECT_EQ(last.size(), 1);
  EXPECT_FALSE(last.is_cut);
}

TEST_F(ListTest, ARowThatIsLargerThanAPageIsAPage) {
  const AccountKey account = add_trigger().account;
  const auto added = transact([&](Transaction& tx) -> Result<void> {
    for (int i = 0; i < 2; ++i) {
      Bot bot{
          .account = account, .name = "Huge", .backstory = std::string(max_page_bytes + 1, 'x')};
      if (auto kept = tx.bots().add(bot); !kept) return std::unexpected(kept.error());
    }
    return {};
  });
  ASSERT_TRUE(added);
  const auto page = read_page({}, [&](const Transaction& tx, const Page& left) {
    return tx.bots().look({.account = account, .page = left});
  });
  ASSERT_TRUE(page);
  EXPECT_EQ(page->size(), 1);
  EXPECT_TRUE(page->is_cut);
}

TEST_F(ListTest, TheBytesOfSeveralLooksAreAddedUp) {
  int looks_made = 0;
  const auto page = read_page({}, [&](const Transaction&, const Page& left) {
    ++looks_made;
    return PagePart<Bot>{.rows = {Bot{}}, .passed = left.after + 1, .bytes = max_page_bytes / 3};
  });
  ASSERT_TRUE(page);
  EXPECT_EQ(looks_made, 4);
  EXPECT_TRUE(page->is_cut);
}

}  // namespace
}  // namespace bellpull
