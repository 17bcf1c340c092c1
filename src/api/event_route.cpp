#include "api/event_route.h"

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include "api/error_reply.h"
#include "api/event_request.h"
#include "api/routes.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "http/http_server.h"
#include "http/method.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "identity/bearer.h"
#include "store/accept.h"
#include "store/store.h"
#include "trigger/event_intake.h"
#include "trigger/trigger_registry.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

constexpr std::string_view id_parameter = "triggerIntegrationId";
constexpr std::size_t request_id_bytes = 8;
// A trigger that changes faster than its events can be admitted gets a 503, not an endless loop.
constexpr int max_admissions = 5;

bool may_send(const KnownTrigger& trigger, const RequestHead& request) {
  if (!trigger.authenticate) return true;
  const auto secret = bearer_token(request.header("authorization"));
  return secret && is_secret_of(trigger, *secret);
}

Error not_authenticated() { return {ErrorCode::unauthenticated, "Not authenticated"}; }

Error not_kept() {
  return {ErrorCode::unavailable, "The event was not kept",
          "send it again with the same Idempotency-Key"};
}

Response accepted(EventId event) {
  Response response;
  const std::string id = event.text();
  response.headers.reserve(8);
  response.headers.emplace_back("location", "/api/v1/event/inbox/" + id + "/fetch");
  response.headers.emplace_back("x-event-id", id);
  response.body = R"({"ok":true})";
  return response;
}

}  // namespace

EventRoute::EventRoute(TriggerRegistry& registry, Store& store, const Clock& clock, Random& random)
    : registry_(registry), store_(store), clock_(clock), random_(random) {}

void EventRoute::add_to(Router& router, std::size_t body_limit) {
  for (const std::string_view prefix : route_prefixes) {
    router.add({.methods = {Method::get, Method::post, Method::put, Method::patch},
                .pattern = std::string{prefix} + "/integration/trigger/{" +
                           std::string{id_parameter} + "}/event",
                .body_limit = body_limit,
                .handle = [this](Request& request) { return receive(request); },
                .admit = [this](const RequestHead& request) { return admit(request); }});
  }
}

void EventRoute::serve_threads_of(HttpServer& server) {
  for (std::size_t i = 0; i < server.threads(); ++i) {
    asio::io_context& context = server.context(i);
    threads_.push_back({&context, std::make_unique<EventIntake>(context, store_)});
  }
}

EventIntake& EventRoute::intake_of(const asio::any_io_executor& executor) const {
  const auto* of_context = executor.target<asio::io_context::executor_type>();
  for (const Thread& thread : threads_) {
    if (of_context != nullptr && &of_context->context() == thread.context) return *thread.intake;
  }
  throw std::logic_error("an event on a thread without an intake");
}

Response EventRoute::refuse(const Error& error) const {
  return error_reply(error, random_.hex(request_id_bytes));
}

// Before the body: a stranger's body is not worth reading. What is not in memory is looked up
// later.
std::optional<Response> EventRoute::admit(const RequestHead& request) const {
  const auto known = registry_.recall(request.parameter(id_parameter));
  if (!known || may_send(*known, request)) return std::nullopt;
  return refuse(not_authenticated());
}

// One coroutine for the whole way: each more would be a frame an event.
Task<Response> EventRoute::receive(Request request) {
  const std::string_view id = request.parameter(id_parameter);
  const TimePoint received_at = clock_.now();
  const Result<EventRequest> event = EventRequest::parse(request);
  EventIntake& intake = intake_of(co_await asio::this_coro::executor);
  for (int admissions = 0; admissions < max_admissions; ++admissions) {
    std::shared_ptr<const KnownTrigger> trigger = registry_.recall(id);
    if (!trigger) {
      auto found = co_await look_up(std::string{id});
      if (!found) co_return refuse(found.error());
      trigger = std::move(*found);
    }
    // A stranger is told that it is one, before being told what is wrong with its request.
    if (!may_send(*trigger, request)) co_return refuse(not_authenticated());
    if (!event) co_return refuse(event.error());

    const NewEvent kept = event->to_event(*trigger, received_at);
    const Acceptance acceptance = co_await intake.accept(&kept);
    switch (acceptance.outcome) {
      case AcceptOutcome::kept:
      case AcceptOutcome::duplicate:
        co_return accepted(acceptance.event);
      case AcceptOutcome::key_reused:
        co_return refuse({ErrorCode::unprocessable,
                          "this Idempotency-Key was used for another request",
                          "use a new key for a new event"});
      case AcceptOutcome::unavailable:
        co_return refuse(not_kept());
      case AcceptOutcome::trigger_changed:
        continue;
    }
  }
  co_return refuse({ErrorCode::unavailable, "The trigger is being changed", "send it again"});
}

Task<Result<std::shared_ptr<const KnownTrigger>>> EventRoute::look_up(std::string id) {
  try {
    co_return co_await registry_.find(std::move(id));
  } catch (const StoreUnavailable&) {
    co_return std::unexpected(not_kept());
  }
}

}  // namespace bellpull
