// What is to be done from time to time whether anybody asks or not: the event log is trimmed, and
// conversations that have expired are removed. Each is a job of the store, done in chunks.
//
// Threads: the worker's executor only.
#pragma once

#include <chrono>
#include <cstdint>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "store/store.h"

namespace bellpull {

struct HousekeepingSettings {
  // How old an entry of the event log may be, and how many there may be; zero is no bound.
  Duration log_age{0};
  std::int64_t log_items = 0;
  Duration pause = std::chrono::minutes{10};
};

class Housekeeping {
 public:
  Housekeeping(const boost::asio::any_io_executor& executor, Store& store, const Clock& clock,
               HousekeepingSettings settings, Log& log);

  // Until stop(); the owner awaits it.
  Task<void> run();
  void stop();

 private:
  Task<void> tidy();

  Store& store_;
  const Clock& clock_;
  const HousekeepingSettings settings_;
  Log& log_;
  boost::asio::steady_timer timer_;
  bool stopping_ = false;
};

}  // namespace bellpull
