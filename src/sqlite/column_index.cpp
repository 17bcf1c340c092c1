#include "sqlite/column_index.h"

#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/id_stream.h"
#include "sqlite/list_sql.h"
#include "store/list.h"

namespace bellpull {

namespace {

// The column comes first, or after the account; behind it comes the row's number, which SQLite puts
// at the end of an index that does not name it.
constexpr std::string_view index_sql = R"sql(
  with columns as (
    select list.name as index_name, info.seqno as place, info.name as column_name
      from pragma_index_list(?1) list, pragma_index_info(list.name) info)
  select its.index_name, its.place
    from columns its
   where its.column_name = ?2
     and (its.place = 0 or (its.place = 1 and exists (
           select 1 from columns first
            where first.index_name = its.index_name and first.place = 0
              and first.column_name = 'account')))
     and not exists (select 1 from columns behind
                      where behind.index_name = its.index_name and behind.place = its.place + 1
                        and behind.column_name <> 'id')
   order by its.place desc limit 1)sql";

}  // namespace

std::unique_ptr<IdStream> ColumnIndexes::candidates(AccountKey account, std::string_view column,
                                                    std::span<const Conditions::Value> any_of,
                                                    Order order) {
  const Index& index = index_of(column);
  std::string select = "select id from " + std::string{table_} + " indexed by " + index.name +
                       " where " + std::string{alive_};
  std::vector<Conditions::Value> values;
  if (index.begins_with_account) {
    select += " and account = ?";
    values.emplace_back(account.value);
  }
  select += " and " + std::string{column} + " = ?";
  IdStreams streams;
  for (const Conditions::Value& value : any_of) {
    values.push_back(value);
    streams.push_back(rows_of_index(database_, select, values, order));
    values.pop_back();
  }
  return bellpull::any_of(std::move(streams), order);
}

const ColumnIndexes::Index& ColumnIndexes::index_of(std::string_view column) {
  if (const auto known = known_.find(column); known != known_.end()) return known->second;
  Statement statement{database_, index_sql};
  if (!statement.with(table_, column).step()) {
    throw std::logic_error("no index of " + std::string{table_} + " by " + std::string{column});
  }
  return known_.emplace(column, Index{statement.text(0), statement.number(1) == 1}).first->second;
}

}  // namespace bellpull
