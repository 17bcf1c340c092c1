// Reads the index file: which rows have a value, in creation order; lists are made of it.
//
// The file follows the main one at a distance. Rows beyond its watermark are read from the main
// file, and rows that changed since are candidates for every list, so a list is exact whatever the
// distance. Every candidate is checked against the query before it is given.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/id_stream.h"
#include "sqlite/list_sql.h"
#include "store/list.h"

namespace bellpull {

enum class IndexedKind : std::uint8_t { event = 0, conversation = 1, log = 2 };

// What entries of the event log can be found by. Where the value is a number, the term is made of
// both and needs no row; a type's is made of its row's number. All are negative, unlike those of
// rows, so that the log's postings lie together.
enum class LogFacet : std::uint8_t { account, type, trigger, bot, conversation, contact };
inline std::int64_t log_term(LogFacet facet, std::int64_t subject) {
  return -(subject * 8 + static_cast<std::int64_t>(facet)) - 1;
}
inline constexpr std::int64_t log_terms_end = 0;

// Facets of a row: the fields of ListQuery; "account" for all rows; "meta." followed by a path for
// a value in `meta`; and "crowded" for a row that has more of those than max_indexed_values, which
// stands for all of them.
std::string facet_of(IndexedKind kind, std::string_view field);
std::string meta_facet(std::span<const std::string> path);
// The beginning of a value is indexed: what begins alike meets, and lists check the rows.
std::string_view indexed_part(std::string_view value);

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
  std::int64_t oldest_log_item() const;
  // 0: there is none.
  std::int64_t find_term(AccountKey account, const std::string& facet,
                         std::string_view value) const;
  std::vector<std::int64_t> stale(IndexedKind kind) const;
  // The rows under a term, up to a number; null when there are none.
  std::unique_ptr<IdStream> rows_of(AccountKey account, const std::string& facet,
                                    std::string_view value, std::int64_t last, Order order) const;
  // One for each filter that the index knows, or one of all rows. `changed` may be in any.
  IdStreams streams(IndexedKind kind, const ListQuery& query, std::int64_t last,
                    const std::vector<std::int64_t>& changed) const;
  IdStreams streams_of_log(const ListQuery& query, std::int64_t last) const;
  Stretch beyond(IndexedKind kind, std::int64_t after, std::int64_t watermark, Order order,
                 std::string_view id_column) const;
  Stretch indexed(IndexedKind kind, const ListQuery& query, std::int64_t watermark,
                  std::string_view id_column) const;

  mutable Database index_;
  mutable Statement progress_;
  mutable Statement term_;
  mutable Statement stale_;
  mutable Statement newest_event_;
  mutable Statement newest_conversation_;
  mutable Statement newest_log_item_;
  mutable Statement oldest_log_item_;
};

}  // namespace bellpull
