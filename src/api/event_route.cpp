#include "api/event_route.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "api/error_reply.h"
#include "api/event_request.h"
#include "api/idempotency_key.h"
#include "api/rejected.h"
#include "api/routes.h"
#include "api/schema.h"
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
#include "http/text.h"
#include "identity/bearer.h"
#include "store/accept.h"
#include "store/store.h"
#include "trigger/event_intake.h"
#include "trigger/rejection_log.h"
#include "trigger/trigger_registry.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

constexpr std::string_view id_parameter = "triggerIntegrationId";
constexpr std::string_view pattern_end = "/integration/trigger/{triggerIntegrationId}/event";
// A trigger that changes faster than its events can be admitted gets a 503, not an endless loop.
constexpr int max_admissions = 5;

bool may_send(const KnownTrigger& trigger, const RequestHead& request, const Clock& clock) {
  if (!trigger.authenticate) return true;
  const auto secret = bearer_token(request.header("authorization"));
  return secret && is_secret_of(trigger, *secret, clock);
}

// Why the trigger takes nothing from this request. A stranger is told that it is one, and nothing
// of the account.
std::optional<Error> refusal(const KnownTrigger& trigger, const RequestHead& request,
                             const Clock& clock) {
  if (!may_send(trigger, request, clock)) {
    return Error{ErrorCode::unauthenticated, "Not authenticated",
                 "send the trigger's secret: authorization: Bearer ..."};
  }
  if (trigger.account_is_disabled) return Error{ErrorCode::forbidden, "The account is disabled"};
  return std::nullopt;
}

Error not_kept() {
  return {ErrorCode::unavailable, "The event was not kept",
          "send it again with the same Idempotency-Key"};
}

// Of two deliveries with one id and different bodies, nobody can tell here which one is right.
Error key_was_used(const EventRequest& event) {
  if (event.has_given_key()) {
    return {ErrorCode::unprocessable, "this Idempotency-Key was used for another body",
            "use a new key for a new event"};
  }
  return {ErrorCode::unprocessable,
          "this delivery id was used for another body: " + std::string{event.key()},
          "the trigger's deliveryId must name what is new with every event"};
}

Error too_many() { return {ErrorCode::too_many_requests, "Too many events for this trigger"}; }

// What the admission of an event grants its handler.
const KnownTrigger& granted_trigger(const std::shared_ptr<const void>& grant) {
  return *static_cast<const KnownTrigger*>(grant.get());
}

std::string lower_case(std::string_view text) {
  std::string result;
  for (const char c : text) result += to_lower_ascii(c);
  return result;
}

Description description(Method method) {
  const bool has_body = method != Method::get;
  return {
      .summary = has_body ? "Sends an event" : "Sends an event without a body",
      .takes = {"EventBody", {{"description", "Any UTF-8 text; the bot gets it as it is."}}},
      .gives = {"EventAccepted", object_schema({{"ok", {{"type", "boolean"}, {"const", true}}}})},
      .query = EventRequest::parameters(),
      .about =
          "The event is on disk when it is answered; its id is in the headers. The bot "
          "works in the background. Other query parameters are kept with the event.",
      .errors = {403, 404, 422, 429},
      .takes_media = "*/*",
      // POST is how an event is sent; the others are for senders that cannot choose.
      .id = method == Method::post
                ? std::string{}
                : fmt::format("integration.trigger.event.{}", lower_case(to_string(method)))};
}

Response accepted(EventId event, AcceptOutcome outcome) {
  Response response{.body = R"({"ok":true})"};
  const std::string id = event.text();
  response.headers.add("location", "/api/v1/event/inbox/" + id + "/fetch");
  response.headers.add("x-event-id", id);
  if (outcome == AcceptOutcome::duplicate) response.headers.add(repeat_header, "true");
  return response;
}

}  // namespace

EventRoute::EventRoute(TriggerRegistry& registry, RejectionLog& rejections, Store& store,
                       const Clock& clock, Random& random, Duration key_lifetime)
    : registry_(registry),
      rejections_(rejections),
      store_(store),
      clock_(clock),
      random_(random),
      key_lifetime_(key_lifetime) {}

void EventRoute::add_to(Routes& routes, std::size_t body_limit) {
  const std::string path{pattern_end};
  const std::vector<Method> methods{Method::get, Method::post, Method::put, Method::patch};
  for (const std::string_view prefix : route_prefixes) {
    routes.router().add(
        {.methods = methods,
         .pattern = std::string{prefix} + path,
         .body_limit = body_limit,
         .handle = [this](Request& request) { return receive(request); },
         .admit = [this](const RequestHead& request) { return admit(request); },
         .look_up = [this](const RequestHead& request) { return look_up(request); }});
  }
  for (const Method method : methods) {
    routes.list(method, path, Routes::Access::trigger_secret).describe(description(method));
  }
}

void EventRoute::serve_threads_of(HttpServer& server) {
  for (std::size_t i = 0; i < server.threads(); ++i) {
    asio::io_context& context = server.context(i);
    threads_.push_back({&context, std::make_unique<EventIntake>(context, store_)});
  }
}

// Of a trigger that is known, and no other: there is nobody to tell of a guess.
void EventRoute::note_refusal(int status, const RequestHead& request) {
  const auto cause = rejection_cause(status);
  if (!cause || request.route() == nullptr || !request.route()->pattern.ends_with(pattern_end)) {
    return;
  }
  const auto known = registry_.recall(request.parameter(id_parameter));
  if (known) rejections_.note(known->key, known->account, *cause, request.remote_address());
}

EventIntake& EventRoute::intake_of(const asio::any_io_executor& executor) const {
  const auto* of_context = executor.target<asio::io_context::executor_type>();
  for (const Thread& thread : threads_) {
    if (of_context != nullptr && &of_context->context() == thread.context) return *thread.intake;
  }
  throw std::logic_error("an event on a thread without an intake");
}

Response EventRoute::refuse(const Error& error) const {
  return error_reply(error, new_request_id(random_));
}

// Counts the event, a repeated one like any other: whether it is one is known only to the commit.
SteadyTime::duration EventRoute::time_to_room(const KnownTrigger& trigger) const {
  return trigger.rate ? trigger.rate->take(clock_.steady_now()) : SteadyTime::duration{0};
}

Response EventRoute::refuse_for(SteadyTime::duration wait) const {
  return error_reply(too_many(), new_request_id(random_),
                     std::chrono::ceil<std::chrono::seconds>(wait));
}

Admission EventRoute::judge(std::shared_ptr<const KnownTrigger> trigger,
                            const RequestHead& request) const {
  if (const auto reason = refusal(*trigger, request, clock_)) return {.refusal = refuse(*reason)};
  return {.grant = std::move(trigger)};
}

// Before the body: a stranger's is not worth reading.
std::optional<Admission> EventRoute::admit(const RequestHead& request) const {
  auto known = registry_.recall(request.parameter(id_parameter));
  if (!known) return std::nullopt;
  return judge(std::move(known), request);
}

Task<Admission> EventRoute::look_up(RequestHead request) {
  const std::string_view id = request.parameter(id_parameter);
  // Somebody else may have looked it up meanwhile.
  if (auto known = registry_.recall(id)) co_return judge(std::move(known), request);
  try {
    auto found = co_await registry_.find(std::string{id});
    if (!found) co_return Admission{.refusal = refuse(found.error())};
    co_return judge(std::move(*found), request);
  } catch (const StoreUnavailable&) {
    co_return Admission{.refusal = refuse(not_kept())};
  }
}

// One coroutine for the whole way: each more would be a frame an event.
Task<Response> EventRoute::receive(Request request) {
  const TimePoint received_at = clock_.now();
  Result<EventRequest> event = EventRequest::parse(request);
  if (!event) co_return refuse(event.error());
  EventIntake& intake = intake_of(co_await asio::this_coro::executor);
  std::shared_ptr<const void> grant = request.grant();
  const SteadyTime::duration wait = time_to_room(granted_trigger(grant));
  if (wait > SteadyTime::duration{0}) co_return refuse_for(wait);
  for (int admissions = 0; admissions < max_admissions; ++admissions) {
    event->identify(granted_trigger(grant));
    NewEvent kept = event->to_event(granted_trigger(grant), received_at);
    kept.key_lifetime = key_lifetime_;
    const Acceptance acceptance = co_await intake.accept(&kept);
    switch (acceptance.outcome) {
      case AcceptOutcome::duplicate:
        repeats_.fetch_add(1, std::memory_order_relaxed);
        [[fallthrough]];
      case AcceptOutcome::kept:
        co_return accepted(acceptance.event, acceptance.outcome);
      case AcceptOutcome::key_reused:
        co_return refuse(key_was_used(*event));
      case AcceptOutcome::unavailable:
        co_return refuse(not_kept());
      case AcceptOutcome::trigger_changed:
        break;
    }
    // What it was admitted by is no longer in force.
    const RequestHead& head = request;
    Admission again = co_await look_up(head);
    if (again.refusal) co_return std::move(*again.refusal);
    grant = std::move(again.grant);
  }
  co_return refuse({ErrorCode::unavailable, "The trigger is being changed", "send it again"});
}

}  // namespace bellpull
