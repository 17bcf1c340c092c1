// The worker's leases: renewed while their runs go on, and void when the store says so.
#include <span>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/json/string.hpp>
#include <boost/system/error_code.hpp>

#include "agent/agent.h"
#include "agent/execution.h"
#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "store/run_records.h"
#include "store/store.h"
#include "worker/worker.h"

namespace bellpull {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

// A lease is looked at this often in its time, and renewed when it is older than one such part: so
// between a quarter and half of it, which leaves room for a renewal that fails.
constexpr int looks_per_lease = 4;

}  // namespace

void Worker::watch_leases() {
  if (watching_) return;
  watching_ = true;
  lease_timer_.expires_after(settings_.lease / looks_per_lease);
  lease_timer_.async_wait([this](const boost::system::error_code& ended) {
    watching_ = false;
    if (held_.empty()) return;
    if (!ended) look_at_leases();
    watch_leases();
  });
}

void Worker::look_at_leases() {
  agent_.interrupt_overdue();
  const SteadyTime old = clock_.steady_now() - settings_.lease / looks_per_lease;
  std::vector<RunId> due;
  for (const auto& [run, held] : held_) {
    if (held.renewed_at <= old) due.push_back(run);
  }
  for (const RunId run : due) tasks_.start(renew(run));
}

Task<void> Worker::renew(RunId run) {
  const auto held = held_.find(run);
  if (held == held_.end()) co_return;
  RenewLease renewal{.lease = held->second.lease, .expires_at = clock_.now() + settings_.lease};
  const SteadyTime now = clock_.steady_now();
  try {
    const Result<void> renewed = co_await store_.renew(renewal);
    const auto after = held_.find(run);
    if (after == held_.end() || after->second.lease.number != renewal.lease.number) co_return;
    if (renewed) {
      after->second.renewed_at = now;
      co_return;
    }
    log_.warning("worker", "lease lost", {{"run", json::string{run.text()}}});
    agent_.interrupt(run, Interruption::dropped);
  } catch (const StoreUnavailable&) {
    // The lease is still good for half of its time; the next look tries again.
    log_.warning("worker", "lease not renewed", {{"run", json::string{run.text()}}});
  }
}

void Worker::runs_changed(std::span<const RunChange> changes) {
  std::vector<RunId> canceled;
  for (const RunChange& change : changes) {
    if (change.run.state == RunState::canceled) canceled.push_back(change.run.run);
  }
  if (canceled.empty()) return;
  asio::post(executor_, [this, runs = std::move(canceled)] {
    for (const RunId run : runs) agent_.interrupt(run, Interruption::dropped);
  });
}

void Worker::trigger_changed(TriggerKey) {}
void Worker::configuration_changed(AccountKey) {}

void Worker::reopened() {
  asio::post(executor_, [this] { agent_.interrupt_all(Interruption::dropped); });
}

}  // namespace bellpull
