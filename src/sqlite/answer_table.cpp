#include "sqlite/answer_table.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "store/answers.h"

namespace bellpull {

namespace {

// What a row takes beside its texts: its numbers, two index entries, its share of the pages.
constexpr std::int64_t row_bytes = 256;

constexpr std::string_view find_sql = R"sql(
  select sealed from answers where token = ?1 and path = ?2 and key = ?3 and expires_at > ?4)sql";

constexpr std::string_view forget_sql =
    "delete from answers where token = ?1 and path = ?2 and key = ?3";

// Each row has the total of all the account's answers up to it, so that the two ends tell what they
// take, however many there are. One that was forgotten in between counts until the older ones go.
constexpr std::string_view oldest_sql =
    "select total - bytes from answers where account = ?1 order by id limit 1";
constexpr std::string_view newest_sql =
    "select total from answers where account = ?1 order by id desc limit 1";

constexpr std::string_view insert_sql = R"sql(
  insert into answers (account, token, path, key, sealed, expires_at, bytes, total)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8))sql";

std::int64_t size_of(const AnswerStore::Kept& answer) {
  const AnswerName& name = answer.name;
  return row_bytes +
         static_cast<std::int64_t>(2 * (name.path.size() + name.key.size()) + answer.sealed.size());
}

}  // namespace

AnswerTable::AnswerTable(Database& database)
    : find_(database, find_sql),
      forget_(database, forget_sql),
      oldest_(database, oldest_sql),
      newest_(database, newest_sql),
      insert_(database, insert_sql) {}

std::optional<std::string> AnswerTable::find(const AnswerName& name, TimePoint now) const {
  if (!find_.with(name.token.value, name.path, name.key, to_ms(now)).step()) return std::nullopt;
  std::string sealed = find_.text(0);
  find_.reset();
  return sealed;
}

AnswerTable::Totals AnswerTable::totals_of(AccountKey account) {
  Totals totals;
  if (!newest_.with(account.value).step()) return totals;
  totals.now = newest_.number(0);
  newest_.reset();
  oldest_.with(account.value).step();
  totals.before = oldest_.number(0);
  oldest_.reset();
  return totals;
}

Result<void> AnswerTable::add(const Kept& answer, std::int64_t account_bytes) {
  const AnswerName& name = answer.name;
  forget_.with(name.token.value, name.path, name.key).run();
  const Totals totals = totals_of(answer.account);
  const std::int64_t size = size_of(answer);
  const std::int64_t total = totals.now + size;
  if (total - totals.before > account_bytes) {
    return fail(ErrorCode::too_many_requests,
                "The account keeps as many answers for Idempotency-Keys as it may",
                "send it without the key, or wait until the oldest of them expire");
  }
  insert_
      .with(answer.account.value, name.token.value, name.path, name.key, Blob{answer.sealed},
            to_ms(answer.expires_at), size, total)
      .run();
  return {};
}

}  // namespace bellpull
