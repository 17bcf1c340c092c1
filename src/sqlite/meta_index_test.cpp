#include "sqlite/meta_index.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "domain/bot.h"
#include "domain/contact.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "sqlite/column_index.h"
#include "sqlite/columns.h"
#include "sqlite/database.h"
#include "sqlite/list_sql.h"
#include "sqlite/migrations.h"
#include "sqlite/tables.h"
#include "store/list.h"

namespace bellpull {
namespace {

std::optional<std::int64_t> first_with(const MetaIndex& index, AccountKey account,
                                       const MetaFilter& filter) {
  return index.candidates(account, filter, Order::ascending)->seek(1);
}

TEST(MetaIndexTest, WhatWasKeptBeforeThereWasAnIndexIsIndexedByTheMigration) {
  Database database{":memory:", OpenMode::create};
  constexpr std::size_t before = 6;
  migrate(database, main_migrations().first(before));
  database.execute(R"sql(
    insert into bots (tag, account, name, description, backstory, privacy, moderation, visibility,
                      meta, created_at, updated_at)
      values (x'', 3, '', '', '', 0, 0, 0, '{"a":{"b":7}}', 0, 0);
    insert into triggers (tag, account, name, description, sealed_secret, authenticate,
                          schedule_anchor, meta, version, deleted_at, created_at, updated_at)
      values (x'', 3, '', '', x'', 0, 0, '{"c":"x"}', 0, null, 0, 0),
             (x'', 3, '', '', x'', 0, 0, '{"c":"y"}', 0, 12, 0, 0);)sql");
  migrate(database, main_migrations());

  const MetaIndex bots{database, "bots"};
  const MetaIndex triggers{database, "triggers"};
  EXPECT_EQ(first_with(bots, {3}, {{"a", "b"}, "7"}), 1);
  EXPECT_EQ(first_with(bots, {4}, {{"a", "b"}, "7"}), std::nullopt);
  EXPECT_EQ(first_with(triggers, {3}, {{"a", "b"}, "7"}), std::nullopt) << "of another table";
  EXPECT_EQ(first_with(triggers, {3}, {{"c"}, "x"}), 1);
  EXPECT_EQ(first_with(triggers, {3}, {{"c"}, "y"}), std::nullopt) << "it was deleted";
}

// They are kept on disk, as hashes.
TEST(MetaIndexTest, TermsAreTheSameInEveryVersion) {
  Database database{":memory:", OpenMode::create};
  migrate(database, main_migrations());
  MetaIndex index{database, "bots"};
  index.change({1}, 1, "{}", R"({"tenant":"acme"})");
  Statement terms{database, "select term from meta_values"};
  ASSERT_TRUE(terms.step());
  EXPECT_EQ(terms.number(0), -4471338012367395103);
}

template <class Resource>
void expect_indexes(Database& database) {
  ColumnIndexes indexes{database, Table<Resource>::name, Table<Resource>::alive};
  for (const FilterColumn& filter : Table<Resource>::filters) {
    if (!filter.is_indexed) continue;
    const std::vector<Conditions::Value> values{std::int64_t{1}};
    for (const Order order : {Order::ascending, Order::descending}) {
      EXPECT_EQ(indexes.candidates({1}, filter.column, values, order)->seek(1), std::nullopt)
          << Table<Resource>::name << "." << filter.column;
    }
  }
}

TEST(ColumnIndexTest, EveryFilterThatIsSaidToBeIndexedIs) {
  Database database{":memory:", OpenMode::create};
  migrate(database, main_migrations());
  expect_indexes<Bot>(database);
  expect_indexes<Skillset>(database);
  expect_indexes<Ability>(database);
  expect_indexes<Trigger>(database);
  expect_indexes<Contact>(database);
  ColumnIndexes indexes{database, "bots", "true"};
  const std::vector<Conditions::Value> values{std::string{"x"}};
  EXPECT_ANY_THROW(indexes.candidates({1}, "name", values, Order::ascending));
}

}  // namespace
}  // namespace bellpull
