// Lists of a store, one page at a time, and what its files have for them.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/result.h"
#include "domain/bot.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "store/list.h"
#include "store/list_walk.h"
#include "store/store_fixture.h"
#include "store/transaction.h"

namespace bellpull {

class ListTest : public StoreTest {
 protected:
  // One page of resources, and how many looks it took.
  template <class Resource>
  std::vector<std::int64_t> page_of(const ResourceStore<Resource>& (Transaction::*rows)() const,
                                    ListQuery query) {
    looks = 0;
    const auto found = read_page(query.page, [&](const Transaction& tx, const Page& left) {
      ++looks;
      query.page = left;
      return (tx.*rows)().look(query);
    });
    return ids_of(found.value());
  }

  std::vector<std::int64_t> bots_with(AccountKey account, std::vector<std::string> path,
                                      std::string value) {
    return page_of<Bot>(&Transaction::bots, {.account = account,
                                             .page = {.order = Order::ascending},
                                             .meta = {{std::move(path), std::move(value)}}});
  }
  std::vector<std::int64_t> conversations_with(AccountKey account, std::vector<Filter> filters,
                                               std::vector<MetaFilter> meta = {},
                                               Order order = Order::ascending) {
    return page_of<Conversation>(&Transaction::conversations, {.account = account,
                                                               .page = {.order = order},
                                                               .filters = std::move(filters),
                                                               .meta = std::move(meta)});
  }

  Bot add_bot(AccountKey account, std::string meta) {
    return transact([&](Transaction& tx) -> Result<Bot> {
             Bot bot{.account = account, .meta = meta};
             if (auto kept = tx.bots().add(bot); !kept) return std::unexpected(kept.error());
             return bot;
           })
        .value();
  }
  Conversation add_conversation(AccountKey account, std::string meta) {
    return transact([&](Transaction& tx) -> Result<Conversation> {
             Conversation added{.account = account, .meta = meta};
             if (auto kept = tx.conversations().add(added); !kept) {
               return std::unexpected(kept.error());
             }
             return added;
           })
        .value();
  }

  // Until the index file has all conversations as they are.
  void index_everything() {
    const auto newest = number("bellpull.db", "select max(id) from conversations");
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (number("index.db", "select indexed from progress where kind = 1") < newest ||
           number("bellpull.db", "select count(*) from stale") > 0) {
      ASSERT_LT(std::chrono::steady_clock::now(), end) << "the indexer does not get there";
      std::this_thread::yield();
    }
  }
  std::int64_t number(const std::string& file, const std::string& sql) {
    Database database{folder / file, OpenMode::read};
    Statement statement{database, sql};
    return statement.step() ? statement.number(0) : 0;
  }

  int looks = 0;
};

}  // namespace bellpull
