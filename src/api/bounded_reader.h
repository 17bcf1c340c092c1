// Reads what may pass any number of rows, within a time: a search, a count, a trigger's figures.
//
// Each look has a snapshot of its own, and other reads come in between. What the time is too short
// for is told, and can be gone on with.
//
// Threads: any; constant after construction.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/task.h"
#include "base/time.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

class BoundedReader {
 public:
  static constexpr Duration time_limit = std::chrono::seconds{2};

  BoundedReader(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  // Gives the rows of each `look(const Transaction&, const Page&)`, a PagePart, to `take(rows)`,
  // until that wants no more, no row is left, or the time is up. Gives the creation number that it
  // goes on after, or nothing when no row is left.
  template <class Look, class Take>
  Task<std::optional<std::int64_t>> pass(Page page, Look look, Take take) const {
    const SteadyTime end = clock_.steady_now() + time_limit;
    while (true) {
      auto part = co_await store_.read(
          [&](const Transaction& snapshot) { return look(snapshot, page); }, ReadKind::list);
      const bool wants_more = take(std::move(part.rows));
      if (!part.passed) co_return std::nullopt;
      page.after = *part.passed;
      if (!wants_more || clock_.steady_now() >= end) co_return page.after;
    }
  }

 private:
  Store& store_;
  const Clock& clock_;
};

}  // namespace bellpull
