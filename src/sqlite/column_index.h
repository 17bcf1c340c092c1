// Which rows of a table have a value in a column, in creation order, by the table's own indexes.
//
// SQLite would choose an index by guesses: it reads an account's rows in order where (skillset, id)
// would have led to the few wanted ones. So the index is named.
// Threads: those of the database.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/id_stream.h"
#include "sqlite/list_sql.h"
#include "store/list.h"

namespace bellpull {

class ColumnIndexes {
 public:
  // `alive` is the condition of the table's partial indexes.
  ColumnIndexes(Database& database, std::string_view table, std::string_view alive)
      : database_(database), table_(table), alive_(alive) {}

  // Of an account, or of all. A column without an index is a bug.
  std::unique_ptr<IdStream> candidates(AccountKey account, std::string_view column,
                                       std::span<const Conditions::Value> any_of, Order order);

 private:
  struct Index {
    std::string name;
    bool begins_with_account = false;
  };
  const Index& index_of(std::string_view column);

  Database& database_;
  const std::string_view table_;
  const std::string_view alive_;
  std::map<std::string_view, Index> known_;  // by column
};

}  // namespace bellpull
