// Row numbers in a list's order, read lazily from indexes, joined and intersected.
//
// A list goes through one look at a time: gather() finds the next rows that all of its filters'
// indexes name, in a bounded number of steps. What an index names is a candidate only; the row
// itself is checked before it is given.
// Threads: those of the database.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sqlite/database.h"
#include "sqlite/list_sql.h"
#include "store/list.h"

namespace bellpull {

class IdStream {
 public:
  virtual ~IdStream() = default;
  // The first at `from` or behind it in the list's order; nothing when there is none. `from` only
  // moves forwards from call to call.
  virtual std::optional<std::int64_t> seek(std::int64_t from) = 0;
};

using IdStreams = std::vector<std::unique_ptr<IdStream>>;

// The column `id` of rows that an index has in its order. `select` is a statement up to and with
// its where; `values` are its parameters.
std::unique_ptr<IdStream> rows_of_index(Database& database, const std::string& select,
                                        std::vector<Conditions::Value> values, Order order);
std::unique_ptr<IdStream> these_rows(std::vector<std::int64_t> ids, Order order);
// What any of them has, each once.
std::unique_ptr<IdStream> any_of(IdStreams streams, Order order);

// Numbers that all streams have.
struct Candidates {
  std::vector<std::int64_t> ids;
  std::optional<std::int64_t> passed;  // as in PagePart
};

// The next candidates after a page's cursor: at most look_rows, and fewer when they are far apart.
// `newest` is where a descending list begins.
Candidates gather(const IdStreams& all_of, const Page& page, std::int64_t newest);

}  // namespace bellpull
