// Reads the index file: which rows have a value, in creation order; lists are made of it.
//
// The file follows the main one at a distance. Rows beyond its watermark are read from the main
// file, and rows that changed since are candidates for every list, so a list is exact whatever the
// distance. Every candidate is checked against the query before it is given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

  // The stretch after the page's cursor that the next look at a list must read.
  Stretch next(IndexedKind kind, const ListQuery& query, std::string_view id_column) const;

 private:
  // All rows up to this number are indexed.
  std::int64_t watermark(IndexedKind kind) const;
  std::int64_t newest(IndexedKind kind) const;
  std::int64_t term(IndexedKind kind, const ListQuery& query) const;
  std::vector<std::int64_t> stale(IndexedKind kind) const;
  Stretch beyond(IndexedKind kind, std::int64_t after, std::int64_t watermark, Order order,
                 std::string_view id_column) const;
  Stretch indexed(IndexedKind kind, const ListQuery& query, std::int64_t after,
                  std::int64_t watermark, std::string_view id_column) const;

  mutable Database index_;
  mutable Statement progress_;
  mutable Statement term_;
  mutable Statement ascending_;
  mutable Statement descending_;
  mutable Statement stale_;
  mutable Statement newest_event_;
  mutable Statement newest_conversation_;
};

}  // namespace bellpull
