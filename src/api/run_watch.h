// Lets a request wait until a run has ended.
//
// The store tells of every commit on its writer's thread; a waiting request is woken on its own
// executor. A ticket is taken before the run is read, so that an end between the two is not missed.
//
// Threads: watch() and tickets on any executor that does not run handlers in parallel; the rest is
// the store's.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>

#include <boost/asio/any_io_executor.hpp>

#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "store/run_records.h"
#include "store/store.h"

namespace bellpull {

class RunWatch final : public StoreListener {
 private:
  struct Waiter;

 public:
  // One request's wish to be woken; taken back when it goes.
  class Ticket {
   public:
    Ticket(RunWatch& watch, RunId run, std::shared_ptr<Waiter> waiter);
    ~Ticket();
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

    // Returns when the run has ended since the ticket was taken, or after `at_most`.
    Task<void> wait(Duration at_most);

   private:
    RunWatch& watch_;
    const RunId run_;
    const std::shared_ptr<Waiter> waiter_;
  };

  // Wake-ups go to `executor`, on which the ticket is used.
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
  static void wake(const std::shared_ptr<Waiter>& waiter);
  void wake_all() const;  // under mutex_
  void forget(RunId run, const Waiter* waiter);

  mutable std::mutex mutex_;
  // guarded by mutex_:
  std::unordered_multimap<RunId, std::shared_ptr<Waiter>> waiters_;
  bool is_closed_ = false;
};

}  // namespace bellpull
