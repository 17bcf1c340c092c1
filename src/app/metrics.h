// /healthz, /readyz and /metrics (Prometheus text format 0.0.4).
//
// Threads: observe() on any; the routes' handlers on IO threads; queue counts are asked for on the
// worker's executor.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "api/event_route.h"
#include "api/routes.h"
#include "base/task.h"
#include "http/http_server.h"
#include "http/router.h"
#include "http/service.h"
#include "queue/run_queue.h"
#include "schedule/scheduler.h"
#include "store/store.h"
#include "worker/worker.h"

namespace bellpull {

struct Observed {
  const Store& store;
  const RunQueue& queue;
  const Worker& worker;
  const Scheduler& scheduler;
  const HttpServer& server;
  const EventRoute& event_route;
  boost::asio::any_io_executor worker_executor;
};

class Metrics {
 public:
  // What is observed is given once it exists; until then the server is not ready.
  void observe(const Observed& observed);
  void set_ready(bool ready) { ready_ = ready; }

  void add_routes(Router& router);
  // For the API's description.
  static void describe(Routes& routes);
  // One answered request.
  void count(const AnsweredRequest& exchange);

 private:
  Task<Response> health();
  Task<Response> readiness();
  Task<Response> page();

  std::atomic<const Observed*> observed_ = nullptr;
  std::atomic<bool> ready_ = false;
  // Answers by status class, 1xx to 5xx.
  std::array<std::atomic<std::int64_t>, 6> requests_{};
  std::atomic<std::int64_t> events_accepted_ = 0;
  // Refused requests to a trigger's endpoint, by status.
  struct Rejected {
    std::atomic<std::int64_t> bad_request = 0;
    std::atomic<std::int64_t> not_authenticated = 0;
    std::atomic<std::int64_t> disabled = 0;
    std::atomic<std::int64_t> not_found = 0;
    std::atomic<std::int64_t> method = 0;
    std::atomic<std::int64_t> timeout = 0;
    std::atomic<std::int64_t> too_large = 0;
    std::atomic<std::int64_t> key_reused = 0;
    std::atomic<std::int64_t> too_many = 0;
    std::atomic<std::int64_t> unavailable = 0;
    std::atomic<std::int64_t> other = 0;
  };
  Rejected rejected_;
};

}  // namespace bellpull
