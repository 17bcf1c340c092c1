#include "sqlite/bulk_job_table.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "domain/ids.h"
#include "sqlite/columns.h"
#include "sqlite/database.h"
#include "sqlite/event_selection.h"
#include "store/bulk_jobs.h"
#include "store/list.h"

namespace bellpull {

namespace {

constexpr std::string_view columns = R"sql(
  select id, account, action, state, filter, selection, passed, done, skipped, created_at,
         updated_at, ended_at from bulk_jobs )sql";

constexpr std::string_view insert_sql = R"sql(
  insert into bulk_jobs (account, action, filter, selection, created_at, updated_at)
  values (?1, ?2, ?3, ?4, ?5, ?5))sql";

constexpr std::string_view running_sql =
    "select count(*) from bulk_jobs where account = ?1 and state = 0";

constexpr std::string_view forget_sql = R"sql(
  delete from bulk_jobs
   where account = ?1 and state <> 0
     and id <= (select id from bulk_jobs where account = ?1 order by id desc limit 1 offset ?2))sql";

constexpr std::string_view cancel_sql = R"sql(
  update bulk_jobs set state = 2, updated_at = ?2, ended_at = ?2 where id = ?1 and state = 0)sql";

constexpr std::string_view keep_sql = R"sql(
  update bulk_jobs set state = ?2, passed = ?3, done = ?4, skipped = ?5, updated_at = ?6,
         ended_at = ?7
   where id = ?1 and state = 0)sql";

BulkJob read_job(const Statement& row) {
  BulkJob job{.id = BulkJobId{row.number(0)},
              .account = AccountKey{row.number(1)},
              .action = static_cast<BulkAction>(row.number(2)),
              .state = static_cast<BulkState>(row.number(3)),
              .filter = row.text(4),
              .selection = parse_selection(row.view(5)),
              .passed = EventId{row.number(6)},
              .done = row.number(7),
              .skipped = row.number(8),
              .created_at = from_ms(row.number(9)),
              .updated_at = from_ms(row.number(10))};
  read_value(row, 11, job.ended_at);
  return job;
}

}  // namespace

BulkJobTable::BulkJobTable(Database& database, Start start)
    : database_(database),
      start_(std::move(start)),
      insert_(database, insert_sql),
      running_(database, running_sql),
      forget_(database, forget_sql),
      cancel_(database, cancel_sql),
      keep_(database, keep_sql),
      find_(database, std::string{columns} + "where id = ?1"),
      ascending_(database,
                 std::string{columns} + "where account = ?1 and id > ?2 order by id limit ?3"),
      descending_(database, std::string{columns} +
                                "where account = ?1 and id < ?2 order by id desc limit ?3") {}

Result<void> BulkJobTable::add(BulkJob& job) {
  running_.with(job.account.value).step();
  const std::int64_t running = running_.number(0);
  running_.reset();
  if (running >= max_running) {
    return fail(ErrorCode::conflict, std::to_string(running) + " jobs are running already",
                "wait for one, or cancel it: GET /api/v1/job/list");
  }
  const std::string selection = to_text(job.selection);
  insert_
      .with(job.account.value, static_cast<std::int64_t>(job.action), std::string_view{job.filter},
            std::string_view{selection}, to_ms(job.created_at))
      .run();
  job.id = BulkJobId{database_.last_row()};
  forget_.with(job.account.value, max_kept).run();
  start_(job);
  return {};
}

bool BulkJobTable::cancel(BulkJobId job, TimePoint now) {
  return cancel_.with(job.value, to_ms(now)).run() > 0;
}

std::optional<BulkJob> BulkJobTable::find(BulkJobId job) const {
  if (!find_.with(job.value).step()) return std::nullopt;
  BulkJob found = read_job(find_);
  find_.reset();
  return found;
}

std::vector<BulkJob> BulkJobTable::list(AccountKey account, const Page& page) const {
  const bool descending = page.order == Order::descending;
  Statement& statement = descending ? descending_ : ascending_;
  const std::int64_t after =
      descending && page.after == 0 ? std::numeric_limits<std::int64_t>::max() : page.after;
  std::vector<BulkJob> jobs;
  statement.with(account.value, after, page.take);
  while (statement.step()) jobs.push_back(read_job(statement));
  return jobs;
}

void BulkJobTable::keep_progress(const BulkJob& job) {
  keep_.with(job.id.value, static_cast<std::int64_t>(job.state), job.passed.value, job.done,
             job.skipped, to_ms(job.updated_at));
  bind_value(keep_, 7, job.ended_at);
  keep_.run();
}

}  // namespace bellpull
