#include "sqlite/meta_index.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/stable_hash.h"
#include "domain/ids.h"
#include "domain/meta.h"
#include "sqlite/database.h"
#include "sqlite/id_stream.h"
#include "store/list.h"

namespace bellpull {

namespace {

constexpr std::string_view no_values = "{}";

constexpr std::string_view add_sql =
    "insert or ignore into meta_values (account, term, id) values (?1, ?2, ?3)";
constexpr std::string_view remove_sql =
    "delete from meta_values where account = ?1 and term = ?2 and id = ?3";

using Terms = std::vector<std::int64_t>;

// The length before each text, so that no two paths and values are one text.
std::int64_t term_of(std::string_view table, std::span<const std::string> path,
                     std::string_view value) {
  StableHash hash;
  hash.add(table).add(std::ssize(path));
  for (const std::string& key : path) hash.add(std::ssize(key)).add(key);
  return static_cast<std::int64_t>(hash.add(value).value());
}

// No filter has an empty path.
std::int64_t crowded_term(std::string_view table) { return term_of(table, {}, {}); }

// Sorted, each once.
Terms terms_of(std::string_view table, std::string_view meta) {
  Terms terms;
  if (meta == no_values) return terms;
  visit_meta(parse_stored(meta), [&](std::span<const std::string> path, const std::string& value) {
    terms.push_back(term_of(table, path, value));
  });
  if (terms.size() > max_indexed_values) terms = {crowded_term(table)};
  std::ranges::sort(terms);
  terms.erase(std::ranges::unique(terms).begin(), terms.end());
  return terms;
}

}  // namespace

void MetaIndex::change(AccountKey account, std::int64_t id, std::string_view before,
                       std::string_view after) {
  if (before == after) return;
  const Terms old_terms = terms_of(table_, before);
  const Terms new_terms = terms_of(table_, after);
  Terms gone;
  Terms come;
  std::ranges::set_difference(old_terms, new_terms, std::back_inserter(gone));
  std::ranges::set_difference(new_terms, old_terms, std::back_inserter(come));
  const auto each = [&](const Terms& terms, std::optional<Statement>& kept, std::string_view sql) {
    if (terms.empty()) return;
    Statement& statement = kept ? *kept : kept.emplace(database_, sql);
    for (const std::int64_t term : terms) statement.with(account.value, term, id).run();
  };
  each(gone, remove_, remove_sql);
  each(come, add_, add_sql);
}

std::unique_ptr<IdStream> MetaIndex::candidates(AccountKey account, const MetaFilter& filter,
                                                Order order) const {
  IdStreams streams;
  for (const std::int64_t term :
       {term_of(table_, filter.path, filter.value), crowded_term(table_)}) {
    streams.push_back(rows_of_index(database_,
                                    "select id from meta_values where account = ? and term = ?",
                                    {account.value, term}, order));
  }
  return any_of(std::move(streams), order);
}

void index_kept_meta(Database& database) {
  struct Kept {
    std::string_view table;
    std::string_view alive = "true";
  };
  constexpr std::array tables{Kept{"tokens"},    Kept{"bots"},
                              Kept{"skillsets"}, Kept{"abilities"},
                              Kept{"contacts"},  Kept{"triggers", "deleted_at is null"}};
  for (const Kept& kept : tables) {
    MetaIndex index{database, kept.table};
    Statement rows{database, "select account, id, meta from " + std::string{kept.table} +
                                 " where " + std::string{kept.alive}};
    while (rows.step()) {
      index.change(AccountKey{rows.number(0)}, rows.number(1), no_values, rows.view(2));
    }
  }
}

}  // namespace bellpull
