// Lets requests wait for an account's event log to grow: the live end of `event/log/subscribe`.
//
// Whoever is woken reads on from where it was, at its own pace, so that a slow one holds nothing
// but its place.
//
// Lifetime: outlives its tickets. Threads: any (waiters.h).
#pragma once

#include <memory>
#include <span>

#include <boost/asio/any_io_executor.hpp>

#include "api/waiters.h"
#include "domain/ids.h"
#include "store/run_records.h"
#include "store/store.h"

namespace bellpull {

class LogWatch final : public StoreListener {
 public:
  using Ticket = Waiters<AccountKey>::Ticket;

  // Null when the account has its share of open connections.
  std::unique_ptr<Ticket> watch(AccountKey account, const boost::asio::any_io_executor& executor);

  // Wakes everyone and lets nobody wait any more: the server stops.
  void close();

  void runs_changed(std::span<const RunChange> /*changes*/) override {}
  void trigger_changed(TriggerKey /*trigger*/) override {}
  void configuration_changed(AccountKey /*account*/) override {}
  void log_grew(AccountKey account) override;
  void reopened() override;

 private:
  Waiters<AccountKey> waiters_{{.of_one = 50}};
};

}  // namespace bellpull
