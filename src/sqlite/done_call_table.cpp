#include "sqlite/done_call_table.h"

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "store/done_calls.h"

namespace bellpull {

namespace {

constexpr std::string_view find_sql =
    "select result from done_calls where account = ?1 and key = ?2 and expires_at > ?3";

// One whose time is over makes room.
constexpr std::string_view insert_sql = R"sql(
  insert or replace into done_calls (account, key, result, expires_at) values (?1, ?2, ?3, ?4))sql";

}  // namespace

DoneCallTable::DoneCallTable(Database& database)
    : find_(database, find_sql), insert_(database, insert_sql) {}

std::optional<std::string> DoneCallTable::find(AccountKey account, std::string_view key,
                                               TimePoint now) const {
  if (!find_.with(account.value, key, to_ms(now)).step()) return std::nullopt;
  std::string result = find_.text(0);
  find_.reset();
  return result;
}

void DoneCallTable::add(AccountKey account, std::string_view key, std::string_view result,
                        TimePoint now) {
  insert_.with(account.value, key, result, to_ms(now + done_call_lifetime)).run();
}

}  // namespace bellpull
