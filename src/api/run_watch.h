// Lets a request wait until a run has ended.
//
// The store tells of every commit on its writer's thread; a waiting request is woken on its own
// executor.
//
// Lifetime: outlives its tickets. Threads: any (waiters.h).
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <boost/asio/any_io_executor.hpp>

#include "api/waiters.h"
#include "domain/ids.h"
#include "store/run_records.h"
#include "store/store.h"

namespace bellpull {

class RunWatch final : public StoreListener {
 public:
  using Ticket = Waiters<RunId>::Ticket;

  // Null when too many requests of the whole server wait: this one gets its answer at once.
  std::unique_ptr<Ticket> watch(RunId run, const boost::asio::any_io_executor& executor);

  // Wakes everyone and lets nobody wait any more: the server stops.
  void close();

  // Requests that wait.
  std::size_t size() const;

  void runs_changed(std::span<const RunChange> changes) override;
  void trigger_changed(TriggerKey /*trigger*/) override {}
  void configuration_changed(AccountKey) override {}
  void reopened() override;

 private:
  Waiters<RunId> waiters_{{.of_all = 10'000}};
};

}  // namespace bellpull
