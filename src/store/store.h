// Durable state behind one interface.
//
// Two doors (docs/architecture.md, "The store"): batches for the hot paths, which the writer merges
// into group commits, and transact/read for management calls. A result is given only after its
// commit has been flushed to disk. After a failed flush the store refuses writes until it has been
// reopened and verified.
//
// Neither door can be cancelled half-way: an awaiting coroutine lives until the writer has
// answered. Failures: StoreUnavailable is thrown when the store takes no writes; nothing is known
// to be kept. Lifetime: stop() before any awaiting executor goes. Threads: any; listeners are
// called on the writer's thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "store/accept.h"
#include "store/list.h"
#include "store/occurrences.h"
#include "store/run_records.h"
#include "store/transaction.h"

namespace bellpull {

class StoreUnavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The store takes writes, but this one failed by itself and was undone.
class WriteFailed : public StoreUnavailable {
 public:
  using StoreUnavailable::StoreUnavailable;
};

// Told what was committed, in commit order, before the callers get their results.
class StoreListener {
 public:
  virtual ~StoreListener() = default;
  // Every run that was added or whose state changed.
  virtual void runs_changed(std::span<const RunChange> changes) = 0;
  // A trigger was added, changed or removed. When it last fired, and will fire next, is no change.
  virtual void trigger_changed(TriggerKey trigger) = 0;
  // A trigger was paused, or takes its turns again.
  virtual void trigger_state_changed(TriggerKey /*trigger*/, TriggerState /*state*/) {}
  // When triggers fire next, whoever changed it.
  virtual void next_times_changed(std::span<const NextTime> /*times*/) {}
  // The same of a trigger, bot, skillset or ability of an account.
  virtual void configuration_changed(AccountKey account) = 0;
  // An account was added or changed.
  virtual void account_changed(AccountKey /*account*/) {}
  // An attachment was added or changed: it may want its import.
  virtual void attachments_changed() {}
  // An account's event log has new entries.
  virtual void log_grew(AccountKey /*account*/) {}
  // The store was reopened after a failure: every lease is void, and what was told before may be
  // wrong. Read again.
  virtual void reopened() = 0;
};

// What a read is. A list may go over many rows before it has found a page; everything else reads a
// few by their keys, and never waits behind lists: runs do not stand still because somebody lists.
enum class ReadKind : std::uint8_t { look_up, list };

struct StoreHealth {
  bool writable = true;
  std::int64_t wal_bytes = 0;
  std::int64_t commits = 0;
  std::int64_t flush_failures = 0;
};

// How long one page may take, from the first look on: whoever waits for it wants an answer, and the
// others' lists wait for each of its looks.
inline constexpr Duration max_page_time{2'000};

class Store {
 public:
  virtual ~Store() = default;

  // Before start(): listeners outlive the store's threads.
  virtual void listen(StoreListener& listener) = 0;
  virtual void start() = 0;
  // Finishes what was submitted, then joins the store's threads.
  virtual void stop() = 0;
  virtual StoreHealth health() const = 0;
  // What the store's time is taken from.
  virtual const Clock& clock() const = 0;

  // The hot doors.
  virtual void accept(AcceptBatch& batch) = 0;
  virtual Task<Result<ClaimedRun>> claim(Claim claim) = 0;
  virtual Task<Result<OpenedRun>> open(OpenRun open) = 0;
  virtual Task<Result<void>> append_steps(AppendSteps append) = 0;
  virtual Task<Result<void>> finish(FinishRun finish) = 0;
  virtual Task<Result<void>> renew(RenewLease renew) = 0;

  // Runs `work(Transaction&)` in a transaction of its own and gives its result; a Result that is an
  // error, or an exception, undoes what it did.
  template <class Work>
  auto transact(Work work) -> Task<std::invoke_result_t<Work&, Transaction&>> {
    std::optional<std::invoke_result_t<Work&, Transaction&>> result;
    co_await write([&](Transaction& transaction) {
      result.emplace(work(transaction));
      return result->has_value();
    });
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): the work has run
    co_return std::move(*result);
  }

  // Runs `work(const Transaction&)` on a snapshot.
  template <class Work>
  auto read(Work work, ReadKind kind = ReadKind::look_up)
      -> Task<std::invoke_result_t<Work&, const Transaction&>> {
    std::optional<std::invoke_result_t<Work&, const Transaction&>> result;
    co_await read_snapshot([&](const Transaction& snapshot) { result.emplace(work(snapshot)); },
                           kind);
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): the work has run
    co_return std::move(*result);
  }

  // Reads one page of a list by as many looks as it takes: `look(const Transaction&, const Page&)`
  // gives a PagePart. Each look has a snapshot of its own, and other reads come in between; the
  // page's order is kept, because it is that of the creation numbers. Fails with `invalid` when the
  // page is not full after `max_page_time`, however many looks that were.
  template <class Look>
  auto read_page(Page page, Look look) -> Task<
      Result<PageRows<typename decltype(std::invoke_result_t<Look&, const Transaction&,
                                                             const Page&>::rows)::value_type>>> {
    PageRows<typename decltype(std::invoke_result_t<Look&, const Transaction&,
                                                    const Page&>::rows)::value_type>
        rows;
    const SteadyTime end = clock().steady_now() + max_page_time;
    do {
      auto part = co_await read([&](const Transaction& snapshot) { return look(snapshot, page); },
                                ReadKind::list);
      page.take -= static_cast<std::int64_t>(part.rows.size());
      std::ranges::move(part.rows, std::back_inserter(rows));
      rows.is_cut = part.bytes >= page.bytes && page.take > 0;
      if (rows.is_cut) co_return rows;
      page.bytes -= part.bytes;
      if (!part.passed || page.take <= 0) co_return rows;
      page.after = *part.passed;
    } while (clock().steady_now() < end);
    co_return fail(ErrorCode::invalid, "too many rows must be passed to fill this list",
                   "filter by fewer or rarer values");
  }

 protected:
  // `work` returns whether to keep what it did. It lives in the awaiting coroutine.
  virtual Task<void> write(std::function<bool(Transaction&)> work) = 0;
  virtual Task<void> read_snapshot(std::function<void(const Transaction&)> work, ReadKind kind) = 0;
};

}  // namespace bellpull
