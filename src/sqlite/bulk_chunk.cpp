#include "sqlite/bulk_chunk.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "sqlite/transaction.h"
#include "sqlite/write_session.h"
#include "store/bulk_jobs.h"
#include "store/list.h"
#include "store/replay.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

// Of one chunk: a quarter of a millisecond of the writer's time, but for large bodies.
constexpr std::int64_t chunk_rows = 25;
constexpr std::size_t chunk_bytes = std::size_t{256} * 1024;

constexpr std::string_view cancel_reason = "canceled by a job";

bool takes_events(const Transaction& rows, TriggerKey key) {
  const auto trigger = rows.triggers().find(key);
  return trigger && !trigger->deleted_at;
}

// Nothing when it can't be replayed; else how many bytes it took.
std::optional<std::size_t> replay(SqliteTransaction& rows, EventAndRun original, TimePoint now) {
  Event& event = original.event;
  if (event.body_removed_at || !takes_events(rows, event.trigger)) return std::nullopt;
  if (event.body.empty() && event.body_size > 0) {  // it is not kept in its row
    auto whole = rows.run_table().find(original.run.id, RunStore::Body::with);
    if (whole) event = std::move(whole->event);
  }
  rows.run_table().add(replay_of(event, now));
  return event.body.size();
}

std::optional<std::size_t> act(SqliteTransaction& rows, BulkAction action, EventAndRun row,
                               TimePoint now) {
  const auto if_done = [](bool done) {
    return done ? std::optional<std::size_t>{0} : std::nullopt;
  };
  switch (action) {
    case BulkAction::replay:
      return replay(rows, std::move(row), now);
    case BulkAction::cancel:
      return if_done(rows.run_table().cancel(row.run.id, cancel_reason, now));
    case BulkAction::delete_body:
      return if_done(rows.run_table().remove_body(row.event.id, now));
  }
  return std::nullopt;
}

void end(BulkJob& job, TimePoint now) {
  job.state = BulkState::done;
  job.passed = job.selection.search.until.value_or(job.passed);
  job.ended_at = now;
}

}  // namespace

bool run_bulk_chunk(WriteSession& session, BulkJobId id, TimePoint now) {
  SqliteTransaction& rows = session.transaction();
  std::optional<BulkJob> job = rows.bulk_job_table().find(id);
  if (!job || job->state != BulkState::running) return false;

  ListQuery query{.account = job->account, .filters = job->selection.filters};
  query.page = {.after = job->passed.value, .take = chunk_rows, .order = Order::ascending};
  PagePart<EventAndRun> part = rows.run_table().look(query, job->selection.search);
  std::size_t bytes = 0;
  bool is_cut = false;
  for (EventAndRun& row : part.rows) {
    job->passed = row.event.id;
    const auto took = act(rows, job->action, std::move(row), now);
    ++(took ? job->done : job->skipped);
    bytes += took.value_or(0);
    is_cut = bytes >= chunk_bytes;
    if (is_cut) break;
  }
  if (!is_cut && part.passed) job->passed = EventId{*part.passed};
  if (!is_cut && !part.passed) end(*job, now);
  job->updated_at = now;
  rows.bulk_job_table().keep_progress(*job);
  return job->state == BulkState::running;
}

}  // namespace bellpull
