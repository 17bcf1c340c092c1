#include "agent/run_reader.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "agent/journal.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/run.h"
#include "domain/step.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

// Of one snapshot. The largest results are half a megabyte each.
constexpr std::int64_t steps_at_a_time = 16;

}  // namespace

Task<Result<RunSoFar>> RunReader::read(Lease lease) {
  std::optional<EventAndRun> row = co_await store_.read([lease](const Transaction& snapshot) {
    return snapshot.runs().find(lease.run, RunStore::Body::with);
  });
  const bool is_held =
      row && row->run.state == RunState::running && row->run.lease_number == lease.number;
  if (!is_held) co_return fail(ErrorCode::lease_lost, "the run was canceled or leased again");
  RunSoFar so_far{.event = std::move(row->event)};
  std::int64_t after = 0;
  while (after < row->run.steps) {
    so_far.recorded = co_await store_.read([&](const Transaction& snapshot) {
      const std::vector<Step> steps =
          snapshot.runs()
              .steps(lease.run,
                     {.after = after, .take = steps_at_a_time, .order = Order::ascending})
              .rows;
      after = steps.empty() ? row->run.steps : steps.back().id.number;
      return read_journal(std::move(so_far.recorded), steps, result_bytes_);
    });
  }
  co_return so_far;
}

}  // namespace bellpull
