// Lets requests wait for an account's event log to grow: the live end of `event/log/subscribe`.
//
// What grew is not carried along; whoever is woken reads on from where it was, at its own pace, so
// that a slow one holds nothing but its place.
//
// Lifetime: outlives the store's threads. Threads: any.
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

class LogWatch final : public StoreListener {
 private:
  struct Waiter;

 public:
  // A place among an account's subscribers, until it is destroyed.
  class Ticket {
   public:
    Ticket(LogWatch& watch, AccountKey account, std::shared_ptr<Waiter> waiter);
    ~Ticket();
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

    // Until the log has grown since the last wait, or the watch is closed: true. False when the
    // time is over.
    Task<bool> wait(Duration at_most);
    bool is_closed() const;

   private:
    LogWatch& watch_;
    const AccountKey account_;
    const std::shared_ptr<Waiter> waiter_;
  };

  // Wake-ups go to `executor`, on which the ticket is used. Null when the account has its share.
  std::unique_ptr<Ticket> watch(AccountKey account, const boost::asio::any_io_executor& executor);

  // Wakes everyone and lets nobody wait any more: the server stops.
  void close();

  void runs_changed(std::span<const RunChange> /*changes*/) override {}
  void trigger_changed(TriggerKey /*trigger*/) override {}
  void configuration_changed(AccountKey /*account*/) override {}
  void log_grew(AccountKey account) override;
  void reopened() override;

 private:
  static void wake(const std::shared_ptr<Waiter>& waiter);
  void wake_all() const;  // under mutex_
  void forget(AccountKey account, const Waiter* waiter);

  mutable std::mutex mutex_;
  // guarded by mutex_:
  std::unordered_multimap<AccountKey, std::shared_ptr<Waiter>> waiters_;
  bool is_closed_ = false;
};

}  // namespace bellpull
