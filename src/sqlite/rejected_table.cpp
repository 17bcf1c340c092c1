#include "sqlite/rejected_table.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/ids.h"
#include "sqlite/columns.h"
#include "sqlite/database.h"
#include "sqlite/list_sql.h"
#include "store/list.h"
#include "store/rejected_requests.h"

namespace bellpull {

namespace {

constexpr Duration longest_span = std::chrono::hours{1};

constexpr std::string_view columns =
    "select id, account, trigger, cause, address, count, first_at, last_at from rejected_requests";

constexpr std::string_view count_sql = R"sql(
  update rejected_requests set count = count + ?4, last_at = max(last_at, ?5)
   where id = (select id from rejected_requests
                where trigger = ?1 and cause = ?2 and address = ?3 and first_at > ?6
                order by id desc limit 1))sql";

constexpr std::string_view insert_sql = R"sql(
  insert into rejected_requests (account, trigger, cause, address, count, first_at, last_at)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7))sql";

constexpr std::string_view forget_sql = R"sql(
  delete from rejected_requests
   where trigger = ?1
     and id <= (select id from rejected_requests where trigger = ?1
                 order by id desc limit 1 offset ?2))sql";

constexpr std::array filters{FilterColumn{"trigger", "trigger"}, FilterColumn{"cause", "cause"}};

}  // namespace

RejectedTable::RejectedTable(Database& database)
    : database_(database),
      count_(database, count_sql),
      insert_(database, insert_sql),
      forget_(database, forget_sql) {}

void RejectedTable::add(const RejectedRequests& rejected) {
  const auto cause = static_cast<std::int64_t>(rejected.cause);
  const std::string_view address = rejected.address;
  const std::int64_t counted =
      count_
          .with(rejected.trigger.value, cause, address, rejected.count, to_ms(rejected.last_at),
                to_ms(rejected.first_at - longest_span))
          .run();
  if (counted > 0) return;
  insert_
      .with(rejected.account.value, rejected.trigger.value, cause, address, rejected.count,
            to_ms(rejected.first_at), to_ms(rejected.last_at))
      .run();
  forget_.with(rejected.trigger.value, max_kept).run();
}

PagePart<RejectedRequests> RejectedTable::look(const ListQuery& query) const {
  Conditions conditions;
  conditions.add("account = ?", query.account.value);
  conditions.add_filters(query.filters, filters);
  conditions.add_page(query.page, "id");
  Statement statement{
      database_, std::string{columns} + conditions.where() + order_and_limit(query.page, "id")};
  conditions.bind(statement);
  PagePart<RejectedRequests> part;
  while (statement.step()) {
    part.rows.push_back({.id = RejectedId{statement.number(0)},
                         .account = AccountKey{statement.number(1)},
                         .trigger = TriggerKey{statement.number(2)},
                         .cause = static_cast<RejectionCause>(statement.number(3)),
                         .address = statement.text(4),
                         .count = statement.number(5),
                         .first_at = from_ms(statement.number(6)),
                         .last_at = from_ms(statement.number(7))});
  }
  return part;
}

}  // namespace bellpull
