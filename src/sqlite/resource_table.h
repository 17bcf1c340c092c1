// A ResourceStore over one table; its statements are made from the resource's columns (columns.h).
//
// A list reads what the indexes of all its filters have in common (id_stream.h), and checks each
// row; only filters without an index pass rows that they do not want.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/random.h"
#include "base/result.h"
#include "domain/ids.h"
#include "domain/meta.h"
#include "sqlite/column_index.h"
#include "sqlite/columns.h"
#include "sqlite/database.h"
#include "sqlite/id_stream.h"
#include "sqlite/list_sql.h"
#include "sqlite/meta_index.h"
#include "sqlite/tables.h"
#include "store/list.h"
#include "store/transaction.h"

namespace bellpull {

// What was done to a resource. Who is told of it, is told inside the transaction.
enum class Write : std::uint8_t { added, updated, removed };

// `Store` is the interface that it implements: one that derives from ResourceStore<Resource>.
template <class Resource, class Store = ResourceStore<Resource>>
class ResourceTable : public Store {
 public:
  using Id = typename ResourceStore<Resource>::Id;
  using KeyOf = typename ResourceStore<Resource>::KeyOf;
  // With the account that the resource belongs to.
  using OnWrite = std::function<void(KeyOf, AccountKey, Write)>;
  using OfTable = Table<Resource>;

  ResourceTable(Database& database, Random& random, OnWrite on_write)
      : database_(database),
        random_(random),
        on_write_(std::move(on_write)),
        meta_(database, OfTable::name),
        columns_(database, OfTable::name, condition_of_indexes()) {}

  Result<void> add(Resource& resource) override {
    Statement& statement = prepared(insert_, insert_sql);
    const IdTag tag = new_tag(random_);
    statement.bind(1, tag_blob(tag));
    bind_columns(statement, 2, resource);
    if (auto kept = run_unique(statement); !kept) return kept;
    resource.id = Id{{database_.last_row()}, tag};
    if constexpr (indexes_meta) {
      meta_.change(resource.account, resource.id.key.value, no_meta, meta_to_index(resource));
    }
    on_write_(resource.id.key, account_of(resource), Write::added);
    return {};
  }

  Result<void> update(const Resource& resource) override {
    if (auto kept = overwrite(resource); !kept) return kept;
    on_write_(resource.id.key, account_of(resource), Write::updated);
    return {};
  }

  bool remove(KeyOf key) override {
    Statement& statement = prepared(remove_, remove_sql);
    if (!statement.with(key.value).step()) return false;
    const AccountKey account{statement.number(0)};
    forget_meta(statement, account, key.value);
    statement.run();
    on_write_(key, account, Write::removed);
    return true;
  }

  // Removes some of the rows with a number in a column, for a job; nobody is told. Gives how many.
  std::int64_t remove_some(std::string_view column, std::int64_t value, std::int64_t limit) {
    const std::string name{OfTable::name};
    Statement statement{database_, "delete from " + name + " where id in (select id from " + name +
                                       " where " + std::string{column} + " = ?1 limit ?2)" +
                                       returning_sql() + ", id"};
    statement.with(value, limit);
    std::int64_t removed = 0;
    for (; statement.step(); ++removed) {
      forget_meta(statement, AccountKey{statement.number(0)},
                  statement.number(indexes_meta ? 2 : 1));
    }
    return removed;
  }

  using Store::find;

  std::optional<Resource> find(KeyOf key) const override {
    Statement& statement = prepared(find_, [] { return select_sql() + " where id = ?1"; });
    return first(statement.with(key.value));
  }

  std::optional<Resource> find_alias(AccountKey account, std::string_view alias) const override {
    if constexpr (OfTable::has_alias) {
      Statement& statement = prepared(find_alias_, [] {
        return select_sql() + " where account = ?1 and alias = ?2 and " +
               std::string{OfTable::alive};
      });
      return first(statement.with(account.value, alias));
    } else {
      return std::nullopt;
    }
  }

  std::vector<Resource> list(const ListQuery& query) const override {
    ListQuery whole = query;
    whole.page.bytes = std::numeric_limits<std::size_t>::max();
    return select(conditions_of(whole), whole, std::nullopt).rows;
  }

  PagePart<Resource> look(const ListQuery& query) const override {
    std::optional<std::int64_t> passed;
    Conditions conditions = conditions_of(query);
    if (const IdStreams streams = streams_of(query); !streams.empty()) {
      const Candidates found = gather(streams, query.page, newest_id);
      passed = found.passed;
      conditions.add_ids(found.ids, "id");
    } else if (!query.filters.empty()) {
      passed = end_of_look(query);
      if (passed) {
        const bool descending = query.page.order == Order::descending;
        conditions.add(descending ? "id >= ?" : "id <= ?", *passed);
      }
    }
    return select(conditions, query, passed);
  }

 protected:
  // An update that nobody is told of.
  Result<void> overwrite(const Resource& resource) {
    const std::string meta_before = indexed_meta(resource.id.key.value);
    Statement& statement = prepared(update_, update_sql);
    const int used = bind_columns(statement, 1, resource);
    statement.bind(used, resource.id.key.value);
    if (auto kept = run_unique(statement); !kept) return kept;
    if (database_.changes() == 0) return fail(ErrorCode::not_found, "Not found");
    if constexpr (indexes_meta) {
      meta_.change(resource.account, resource.id.key.value, meta_before, meta_to_index(resource));
    }
    return {};
  }

  // The first rows of the page that fit, in order.
  PagePart<Resource> select(const Conditions& conditions, const ListQuery& query,
                            std::optional<std::int64_t> passed) const {
    const auto take = std::clamp<std::int64_t>(query.page.take, 1, max_page);
    Statement statement{database_, select_sql() + conditions.where() + order_by(query.page, "id")};
    conditions.bind(statement);
    PagePart<Resource> part{.passed = passed};
    while (std::ssize(part.rows) < take && part.bytes < query.page.bytes && statement.step()) {
      const std::size_t before = database_.bytes_read();
      Resource row = read_row(statement);
      if (!fits(row, query.meta)) continue;
      part.bytes += database_.bytes_read() - before;
      part.rows.push_back(std::move(row));
    }
    return part;
  }

  static Conditions conditions_of(const ListQuery& query) {
    Conditions conditions;
    if constexpr (OfTable::has_account) conditions.add("account = ?", query.account.value);
    conditions.add(std::string{OfTable::alive});
    conditions.add_filters(query.filters, OfTable::filters);
    conditions.add_page(query.page, "id");
    return conditions;
  }

  // The last row that a look may pass; nothing when there are fewer.
  std::optional<std::int64_t> end_of_look(const ListQuery& query) const {
    Conditions conditions = conditions_of({.account = query.account, .page = query.page});
    Statement statement{database_, "select id from " + std::string{OfTable::name} +
                                       conditions.where() + order_by(query.page, "id") +
                                       " limit 1 offset " + std::to_string(look_rows - 1)};
    conditions.bind(statement);
    if (!statement.step()) return std::nullopt;
    return statement.number(0);
  }

  // "select id, tag, <columns> from <table>"
  static std::string select_sql() {
    std::string sql = "select id, tag";
    for_each_column([&](const auto& column) { sql += ", " + column.selected(); });
    return sql + " from " + std::string{OfTable::name};
  }

  static Resource read_row(const Statement& statement) {
    Resource resource;
    resource.id = Id{{statement.number(0)}, tag_from(statement.view(1))};
    int at = 2;
    for_each_column([&](const auto& column) {
      column.read(statement, at, resource);
      at += column.width;
    });
    return resource;
  }

  Database& database_;

 private:
  static constexpr std::string_view no_meta = "{}";
  // The condition of partial indexes: rows that are not alive are mostly not in them.
  static constexpr std::string_view condition_of_indexes() {
    if constexpr (requires { OfTable::index_condition; }) return OfTable::index_condition;
    return OfTable::alive;
  }
  // Above every row.
  static constexpr std::int64_t newest_id = std::numeric_limits<std::int64_t>::max();
  static constexpr bool has_meta = requires(Resource resource) { resource.meta; };
  // What is hot has its index in a file of its own, in the background.
  static constexpr bool indexes_meta = has_meta && !requires { OfTable::is_indexed_apart; };

  static bool fits(const Resource& resource, const std::vector<MetaFilter>& filters) {
    if constexpr (has_meta) {
      if (filters.empty()) return true;
      const auto meta = parse_stored(resource.meta);
      return std::ranges::all_of(filters, [&](const MetaFilter& filter) {
        return meta_text(meta, filter.path) == filter.value;
      });
    } else {
      return true;
    }
  }

  // One for each filter that an index leads to.
  IdStreams streams_of(const ListQuery& query) const {
    const Order order = query.page.order;
    IdStreams streams;
    for (const Filter& filter : query.filters) {
      const auto column = std::ranges::find(OfTable::filters, filter.field, &FilterColumn::field);
      if (column == OfTable::filters.end() || !column->is_indexed) continue;
      streams.push_back(columns_.candidates(query.account, column->column, filter.any_of, order));
    }
    if constexpr (indexes_meta) {
      for (const MetaFilter& filter : query.meta) {
        streams.push_back(meta_.candidates(query.account, filter, order));
      }
    }
    return streams;
  }

  // What the index has of a resource.
  static std::string_view meta_to_index(const Resource& resource) {
    if constexpr (requires { resource.deleted_at; }) {
      if (resource.deleted_at) return no_meta;
    }
    return resource.meta;
  }

  std::string indexed_meta(std::int64_t id) {
    std::string meta{no_meta};
    if constexpr (indexes_meta) {
      Statement& statement = prepared(find_meta_, [] {
        return "select meta from " + std::string{OfTable::name} + " where id = ?1 and " +
               std::string{OfTable::alive};
      });
      if (statement.with(id).step()) {
        meta = statement.text(0);
        statement.reset();
      }
    }
    return meta;
  }

  // `removed`: what returning_sql() gave. A row that was not alive is not in the index, and taking
  // it out is harmless.
  void forget_meta(const Statement& removed, AccountKey account, std::int64_t id) {
    if constexpr (indexes_meta) meta_.change(account, id, removed.text(1), no_meta);
  }

  template <class Visit>
  static void for_each_column(Visit visit) {
    // Derived columns hold a value while their statement runs: one set a thread.
    thread_local const auto columns = OfTable::columns();
    std::apply([&](const auto&... column) { (visit(column), ...); }, columns);
  }

  // An account belongs to itself.
  static AccountKey account_of(const Resource& resource) {
    if constexpr (OfTable::has_account) {
      return resource.account;
    } else {
      return resource.id.key;
    }
  }

  static std::string remove_sql() {
    return "delete from " + std::string{OfTable::name} + " where id = ?1" + returning_sql();
  }

  static std::string returning_sql() {
    return std::string{" returning "} + (OfTable::has_account ? "account" : "id") +
           (indexes_meta ? ", meta" : "");
  }

  static std::string insert_sql() {
    std::string names = "tag";
    std::string values = "?1";
    int index = 1;
    for_each_column([&](const auto& column) {
      names += ", " + std::string{column.name};
      values += ", ?" + std::to_string(++index);
    });
    return "insert into " + std::string{OfTable::name} + " (" + names + ") values (" + values + ")";
  }

  static std::string update_sql() {
    std::string sets;
    int index = 0;
    for_each_column([&](const auto& column) {
      sets +=
          (sets.empty() ? "" : ", ") + std::string{column.name} + " = ?" + std::to_string(++index);
    });
    return "update " + std::string{OfTable::name} + " set " + sets + " where id = ?" +
           std::to_string(index + 1);
  }

  // Binds every column from `index` on; gives the next free index. Derived values live until the
  // statement has run.
  int bind_columns(Statement& statement, int index, const Resource& resource) {
    for_each_column([&](const auto& column) { column.bind(statement, index++, resource); });
    return index;
  }

  // "alias", of "UNIQUE constraint failed: bots.account, bots.alias".
  static std::string unique_column(std::string_view message) {
    const std::size_t dot = message.rfind('.');
    return std::string{dot == std::string_view::npos ? "value" : message.substr(dot + 1)};
  }

  static Result<void> run_unique(Statement& statement) {
    try {
      statement.run();
    } catch (const SqliteError& error) {
      if (!error.is_unique_violation()) throw;
      return fail(ErrorCode::conflict, "Unique constraint violation",
                  "another one has this " + unique_column(error.what()));
    }
    return {};
  }

  static std::optional<Resource> first(Statement& statement) {
    if (!statement.step()) return std::nullopt;
    Resource resource = read_row(statement);
    statement.reset();
    return resource;
  }

  template <class MakeSql>
  Statement& prepared(std::optional<Statement>& slot, MakeSql make_sql) const {
    if (!slot) slot.emplace(database_, make_sql());
    return *slot;
  }

  Random& random_;
  const OnWrite on_write_;
  MetaIndex meta_;
  mutable ColumnIndexes columns_;
  std::optional<Statement> insert_;
  std::optional<Statement> update_;
  std::optional<Statement> remove_;
  std::optional<Statement> find_meta_;
  mutable std::optional<Statement> find_;
  mutable std::optional<Statement> find_alias_;
};

}  // namespace bellpull
