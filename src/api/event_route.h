// The door for events: GET, POST, PUT or PATCH /v1/integration/trigger/{id}/event.
//
// This is the hot path. A known trigger is authenticated from memory before the body is read; the
// reply leaves after the event's commit has been flushed (product.md, P1).
//
// Lifetime: outlives the server; the intakes outlive the store. Threads: each intake is its own IO
// thread's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "api/routes.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "http/http_server.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "trigger/event_intake.h"
#include "trigger/rejection_log.h"
#include "trigger/trigger_registry.h"

namespace bellpull {

class EventRoute {
 public:
  EventRoute(TriggerRegistry& registry, RejectionLog& rejections, Store& store, const Clock& clock,
             Random& random, Duration key_lifetime);

  void add_to(Routes& routes, std::size_t body_limit);
  // Before the server starts: gives each of its threads an intake.
  void serve_threads_of(HttpServer& server);
  // For every reply of 400 or above: notes an event that its trigger refused.
  void note_refusal(int status, const RequestHead& request);

  // Requests that brought an event again, so far.
  std::int64_t repeats() const { return repeats_.load(std::memory_order_relaxed); }

 private:
  std::optional<Admission> admit(const RequestHead& request) const;
  Task<Admission> look_up(RequestHead request);
  Admission judge(std::shared_ptr<const KnownTrigger> trigger, const RequestHead& request) const;
  // How long it is until the trigger takes one more event.
  SteadyTime::duration time_to_room(const KnownTrigger& trigger) const;
  Response refuse_for(SteadyTime::duration wait) const;
  Task<Response> receive(Request request);
  Response refuse(const Error& error) const;
  EventIntake& intake_of(const boost::asio::any_io_executor& executor) const;

  TriggerRegistry& registry_;
  RejectionLog& rejections_;
  Store& store_;
  const Clock& clock_;
  Random& random_;
  const Duration key_lifetime_;
  std::atomic<std::int64_t> repeats_ = 0;

  struct Thread {
    boost::asio::io_context* context = nullptr;
    std::unique_ptr<EventIntake> intake;
  };
  std::vector<Thread> threads_;
};

}  // namespace bellpull
