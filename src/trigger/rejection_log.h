// Counts the requests that triggers refused, and writes the counts to the store in the background.
//
// A flood costs little: equal refusals are one entry, a trigger has few entries between two writes
// (further addresses count together), and so has the server; what comes beyond is left out, and is
// still in the metrics. The store keeps few rows of each trigger.
//
// Lifetime: stop() is awaited before the store is stopped. Threads: note() from any; the rest is
// the executor's, which must run one handler at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "store/rejected_requests.h"
#include "store/store.h"

namespace bellpull {

class RejectionLog {
 public:
  static constexpr std::size_t max_entries = 500;
  static constexpr std::size_t max_addresses = 20;  // of one trigger

  RejectionLog(boost::asio::any_io_executor executor, Store& store, const Clock& clock, Log& log);

  void note(TriggerKey trigger, AccountKey account, RejectionCause cause, std::string_view address);
  // Writes what has been noted; afterwards nothing is written any more.
  Task<void> stop();

  // What has been noted since the last time, for tests too.
  std::vector<RejectedRequests> take();

 private:
  using Entry = std::tuple<std::int64_t, RejectionCause, std::string>;

  bool add(TriggerKey trigger, AccountKey account, RejectionCause cause, std::string_view address);
  void write_later();
  Task<void> write();

  const boost::asio::any_io_executor executor_;
  Store& store_;
  const Clock& clock_;
  Log& log_;

  // The executor's:
  boost::asio::steady_timer timer_;
  TaskGroup writes_;
  bool stopping_ = false;

  std::mutex mutex_;
  // Guarded by mutex_:
  std::map<Entry, RejectedRequests> noted_;
  std::unordered_map<TriggerKey, std::size_t> addresses_;
};

}  // namespace bellpull
