// Reads the index file: which rows have a value, in creation order; and the lists made of it.
//
// The file follows the main one at a distance. Rows beyond its watermark are read from the main
// file, and rows that changed since are candidates for every list, so a list is exact whatever the
// distance. Every candidate is checked against the query before it is given.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/list_sql.h"
#include "store/list.h"

namespace bellpull {

enum class IndexedKind : std::uint8_t { event = 0, conversation = 1 };

// Values of `meta` that are indexed: texts up to this long, down to this many keys deep.
inline constexpr std::size_t max_indexed_value = 256;
inline constexpr std::size_t max_indexed_depth = 4;

// Facets: the fields of ListQuery, "account" for all rows, and "meta." followed by a path.
std::string meta_facet(const std::vector<std::string>& path);

class IndexReader {
 public:
  // `main` is the connection whose rows are listed.
  IndexReader(const std::filesystem::path& file, Database& main);

  // All rows up to this number are indexed.
  std::int64_t watermark(IndexedKind kind) const;
  // Candidates for the query after `after`, in the page's order, `limit` at most; sets `complete`
  // when there are no more.
  std::vector<std::int64_t> candidates(IndexedKind kind, const ListQuery& query, std::int64_t after,
                                       std::int64_t watermark, std::size_t limit,
                                       bool& complete) const;

 private:
  std::int64_t term(IndexedKind kind, const ListQuery& query) const;
  std::vector<std::int64_t> stale(IndexedKind kind) const;

  mutable Database index_;
  mutable Statement progress_;
  mutable Statement term_;
  mutable Statement ascending_;
  mutable Statement descending_;
  mutable Statement stale_;
};

// A list took longer than a reader may.
class ListTooSlow : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// `load(conditions, page)` gives the rows that fit both the conditions and the query.
template <class Row, class Load>
std::vector<Row> list_through_index(const IndexReader& index, IndexedKind kind,
                                    const ListQuery& query, std::string_view id_column, Load load) {
  constexpr std::size_t chunk = 256;
  constexpr std::chrono::seconds longest{2};
  const auto give_up = std::chrono::steady_clock::now() + longest;
  const std::int64_t watermark = index.watermark(kind);
  const bool descending = query.page.order == Order::descending;
  Page page = query.page;
  page.take = std::clamp<std::int64_t>(page.take, 1, max_page);
  std::vector<Row> rows;

  const auto append = [&](std::vector<Row> more) {
    page.take -= static_cast<std::int64_t>(more.size());
    std::ranges::move(more, std::back_inserter(rows));
  };
  const auto append_tail = [&] {
    if (page.take <= 0) return;
    Conditions conditions;
    conditions.add(std::string{id_column} + " > ?", watermark);
    conditions.add_page(page, id_column);
    append(load(std::move(conditions), page));
  };
  const auto append_indexed = [&] {
    std::int64_t after = page.after;
    bool complete = false;
    while (page.take > 0 && !complete) {
      const auto ids = index.candidates(kind, query, after, watermark, chunk, complete);
      if (ids.empty()) return;
      after = ids.back();
      Conditions conditions;
      conditions.add_ids(ids, id_column);
      append(load(std::move(conditions), page));
      if (std::chrono::steady_clock::now() > give_up) {
        throw ListTooSlow("this list takes longer than 2 seconds; filter by fewer or rarer values");
      }
    }
  };
  if (descending) {
    append_tail();
    append_indexed();
  } else {
    append_indexed();
    append_tail();
  }
  return rows;
}

}  // namespace bellpull
