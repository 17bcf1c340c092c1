// Which resources have a value in their `meta`: a table of the main file that is changed together
// with them.
//
// A term stands for one value under one path in one table, as a hash, so that an entry is a few
// bytes whatever the value's length. Two values may meet in a term: lists check the rows.
// Invariant: every living resource is under the term of each of its values; one that has more than
// max_indexed_values is under the term of the crowded instead, which every filter reads too.
// Threads: those of the database.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/id_stream.h"
#include "store/list.h"

namespace bellpull {

// Of one resource. Nobody is known to filter by more.
inline constexpr std::size_t max_indexed_values = 200;

class MetaIndex {
 public:
  MetaIndex(Database& database, std::string_view table) : database_(database), table_(table) {}

  // `before` and `after` are the texts of a row's meta; {} while there is no such row.
  void change(AccountKey account, std::int64_t id, std::string_view before, std::string_view after);

  std::unique_ptr<IdStream> candidates(AccountKey account, const MetaFilter& filter,
                                       Order order) const;

 private:
  Database& database_;
  const std::string_view table_;
  std::optional<Statement> add_;
  std::optional<Statement> remove_;
};

// For a file from before there was the index: reads every row of the tables of that time.
void index_kept_meta(Database& database);

}  // namespace bellpull
