// Keeps a server busy as its plan says, and tells how it answered.
//
// One thread and one epoll: about as much work a request as wrk does. An answer counts only when it
// is a 200. Lifetime: one run.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "latencies.h"
#include "load_connection.h"
#include "load_plan.h"
#include "pace.h"

namespace bellpull {

class Load {
 public:
  Load(LoadPlan plan, const std::atomic<bool>& interrupted);
  ~Load();

  void run();
  // One line of JSON.
  std::string report() const;

 private:
  bool is_over() const;
  bool has_open_requests() const;
  void start_due();
  void poll();
  void settle(LoadConnection& connection, const LoadConnection::Answer& answer);
  void lost(LoadConnection& connection);
  void revive();
  void keep(const LoadConnection& connection, const LoadConnection::Answer& answer);

  const LoadPlan plan_;
  const std::atomic<bool>& interrupted_;
  const int epoll_;
  std::FILE* journal_ = nullptr;
  std::vector<std::unique_ptr<LoadConnection>> connections_;
  std::deque<LoadConnection*> idle_;
  std::vector<LoadConnection*> to_revive_;
  double revive_at_ = 0;

  Pace pace_;
  double started_at_ = 0;
  double now_ = 0;  // seconds since the start
  double looked_for_silence_at_ = 0;
  std::int64_t next_number_;
  std::int64_t sent_ = 0;
  std::int64_t acknowledged_ = 0;
  std::int64_t repeated_ = 0;
  std::int64_t connections_lost_ = 0;
  std::map<int, std::int64_t> statuses_;
  Latencies latencies_;
};

}  // namespace bellpull
