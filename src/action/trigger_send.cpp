#include "action/trigger_send.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "action/action.h"
#include "action/inner.h"
#include "action/input_fields.h"
#include "action/outcome.h"
#include "action/shape.h"
#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "store/accept.h"
#include "store/done_calls.h"
#include "store/event_search.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"
#include "trigger/trigger_registry.h"

namespace bellpull {

namespace json = boost::json;

// What a call sends.
struct TriggerSendAction::Sent {
  std::string name;                    // of the trigger, as the call has it
  std::optional<TriggerKey> receiver;  // the trigger, once it is found
  std::string body;
  std::string content_type;
  std::string headers;
  SessionKey session;
  ContactClaim contact;
  std::string key;
  Duration key_lifetime{0};
  bool key_is_given = false;  // by the call, not made of it
  std::int64_t hops = 0;

  NewEvent to(const KnownTrigger& trigger, TimePoint now) const {
    return {.trigger = trigger.key,
            .account = trigger.account,
            .trigger_version = trigger.version,
            .source = EventSource::action,
            .received_at = now,
            .method = "POST",
            .content_type = content_type,
            .headers = headers,
            .session = session.text(),
            .session_number = session.empty() ? 0 : session_number(trigger.key, session),
            .contact_name = contact.name,
            .contact_email = contact.email,
            .contact_phone = contact.phone,
            .idempotency_key = key,
            .key_lifetime = key_lifetime,
            .body = body,
            .hops = hops};
  }

  // Whether a call of the same run sent that event, by the key that both name.
  bool is_like(const Event& event) const {
    const bool is_whole = std::ssize(event.body) == event.body_size;
    return event.trigger == receiver && event.headers == headers &&
           event.body_size == std::ssize(body) && (!is_whole || event.body == body);
  }
};

namespace {

constexpr std::string_view run_header = "bellpull-run";

// A call that is made so soon is no repetition, or nobody had the time to change what it names.
constexpr Duration first_try = std::chrono::seconds{1};

// A trigger that changes faster than its events get in.
constexpr int max_admissions = 5;

// As for events that requests bring.
constexpr std::size_t max_session_bytes = 512;
constexpr std::size_t max_name_bytes = 191;
constexpr std::size_t max_phone_bytes = 64;
constexpr std::size_t max_key_bytes = 255;

std::string bounded(InputFields& fields, std::string_view name, std::size_t most) {
  std::string text = fields.text(name);
  if (text.size() > most) {
    fields.add_problem(fmt::format("{} must be at most {} bytes", name, most));
  }
  return text;
}

// A map, or a model's text of one.
ContactClaim contact_of(InputFields& fields) {
  const json::value* const given = fields.find("contact");
  if (given == nullptr) return {};
  json::value read = *given;
  if (const auto* text = given->if_string()) read = parse_foreign(*text).value_or(nullptr);
  if (!read.is_object()) {
    fields.add_problem("contact must be a map of name, email and phone");
    return {};
  }
  InputFields members{read.get_object()};
  ContactClaim contact{.name = bounded(members, "name", max_name_bytes),
                       .email = bounded(members, "email", max_name_bytes),
                       .phone = bounded(members, "phone", max_phone_bytes)};
  if (!contact.email.empty() && !looks_like_email(contact.email)) {
    members.add_problem("email must be an e-mail address");
  }
  if (std::string problems = members.problems(); !problems.empty()) {
    fields.add_problem("contact: " + problems);
  }
  return contact;
}

// `repeats`: another event had the key that the call names, and this one is none.
ActionOutcome sent_outcome(EventId event, bool repeats) {
  json::object result{{"eventId", event.text()}};
  if (repeats) result["duplicate"] = true;
  return {.result = std::move(result)};
}

}  // namespace

const ActionShape& TriggerSendAction::shape() const {
  static const ActionShape shape{.main = "body",
                                 .fields = {"triggerId", "session", "idempotencyKey", "contact"}};
  return shape;
}

Task<ActionOutcome> TriggerSendAction::execute(ActionRequest request) {
  if (is_strangers(request)) co_return error_outcome(refused_stranger("trigger/send"));
  InputFields fields{request.input};
  Sent sent{.hops = request.context.hops + 1};
  sent.name = fields.required_text("triggerId");
  if (const json::value* body = fields.find("body"); body != nullptr) {
    sent.body = body->is_structured() ? json::serialize(*body) : fields.text("body");
  }
  const bool is_json = parse_foreign(sent.body).has_value();
  sent.content_type = is_json ? "application/json" : "text/plain; charset=utf-8";
  if (sent.body.size() > door_.body_limit) {
    fields.add_problem(fmt::format("body must be at most {} bytes", door_.body_limit));
  }
  sent.contact = contact_of(fields);
  const std::string session = bounded(fields, "session", max_session_bytes);
  sent.key = bounded(fields, "idempotencyKey", max_key_bytes);
  if (const std::string problems = fields.problems(); !problems.empty()) {
    co_return error_outcome(std::string_view{problems});
  }
  sent.session = session_key_of(session, sent.contact);
  sent.key_is_given = !sent.key.empty();
  sent.key_lifetime = sent.key_is_given ? door_.key_lifetime : done_call_lifetime;
  if (!sent.key_is_given) sent.key = request.idempotency_key;
  json::object headers;
  if (const auto& run = request.context.run) headers[run_header] = run->text();
  // Nobody becomes more trustworthy by way of another trigger.
  if (request.context.from_anybody) headers[claimed_contact_header] = "true";
  sent.headers = json::serialize(headers);

  if (store_.clock().now() - request.intended_at >= first_try) {
    const auto before = co_await sent_before(&request, &sent);
    if (before && *before) co_return sent_outcome(**before, sent.key_is_given);
  }
  const Sending sending = co_await send(&request, &sent);
  if (sending) co_return *sending;
  co_return co_await refuse(&request, &sent, sending.error());
}

// `request` and `sent` are the caller's own, which waits for this.
Task<TriggerSendAction::Sending> TriggerSendAction::send(const ActionRequest* request, Sent* sent) {
  if (sent->hops > door_.max_hops) {
    co_return std::unexpected(fmt::format(
        "{} triggers have sent to one another to get here, and no more may (limits.hops). Do not "
        "send again; a bot that triggers itself must stop by itself",
        request->context.hops));
  }
  const AccountKey account = request->context.account;
  const auto found = co_await store_.read([&](const Transaction& rows) {
    auto one = find_named(rows.triggers(), account, sent->name);
    if (one && one->account != account) one.reset();
    return one;
  });
  if (found) sent->receiver = found->id.key;
  if (!found || found->deleted_at) {
    co_return std::unexpected(fmt::format(
        "There is no trigger \"{}\" in this account: give the id or the alias of one", sent->name));
  }
  co_return co_await pass(found->id.text(), sent);
}

Task<TriggerSendAction::Sending> TriggerSendAction::pass(std::string trigger, const Sent* sent) {
  const Clock& clock = store_.clock();
  for (int admissions = 0; admissions < max_admissions; ++admissions) {
    const auto known = co_await door_.registry.find(trigger);
    if (!known) co_return std::unexpected(known.error().message);
    if ((*known)->account_is_disabled) co_return std::unexpected("The account is disabled");
    if (admissions == 0 && (*known)->rate) {
      const auto wait = (*known)->rate->take(clock.steady_now());
      if (wait > SteadyTime::duration{0}) {
        co_return std::unexpected(
            fmt::format("The trigger takes no more events for {} s",
                        std::chrono::ceil<std::chrono::seconds>(wait).count()));
      }
    }
    const NewEvent event = sent->to(**known, clock.now());
    const Acceptance acceptance = co_await door_.intake.accept(&event);
    switch (acceptance.outcome) {
      case AcceptOutcome::kept:
        co_return sent_outcome(acceptance.event, false);
      case AcceptOutcome::duplicate:
        co_return sent_outcome(acceptance.event, sent->key_is_given);
      case AcceptOutcome::key_reused:
        // The call's own key: an earlier try sent it, before its ability was changed.
        if (!sent->key_is_given) co_return sent_outcome(acceptance.event, false);
        co_return error_outcome(
            "This idempotencyKey was used for another body: use a new one for a new event");
      case AcceptOutcome::unavailable:
        throw StoreUnavailable("an event of trigger/send was not kept");
      case AcceptOutcome::trigger_changed:
        break;
    }
  }
  co_return std::unexpected("The trigger is being changed: send it again");
}

// An earlier try of the call may have sent the event before it was cut off, and the trigger may
// have changed since.
Task<ActionOutcome> TriggerSendAction::refuse(const ActionRequest* request, const Sent* sent,
                                              std::string why) {
  const auto before = co_await sent_before(request, sent);
  if (!before) {
    co_return error_outcome(
        "It is not known whether an earlier try of this call sent the event; "
        "none was sent now: " +
        why);
  }
  if (const auto& event = *before; event) co_return sent_outcome(*event, sent->key_is_given);
  co_return error_outcome("Nothing was sent: " + why);
}

// Among the events that are younger than the run, and than the call.
Task<Result<std::optional<EventId>>> TriggerSendAction::sent_before(const ActionRequest* request,
                                                                    const Sent* sent) {
  const CallContext& context = request->context;
  if (sent->key.empty()) co_return std::nullopt;
  constexpr auto source = static_cast<std::int64_t>(EventSource::action);
  ListQuery list{.account = context.account,
                 .filters = {{.field = "source", .any_of = {source}},
                             {.field = "key", .any_of = {sent->key}}}};
  const EventSearch search{.from = request->intended_at};
  const Page first{.after = context.run ? context.run->value : 0, .order = Order::ascending};
  const auto events =
      co_await store_.read_page(first, [&](const Transaction& rows, const Page& page) {
        list.page = page;
        return rows.runs().look(list, search);
      });
  if (!events) co_return std::unexpected(events.error());
  for (const EventAndRun& one : *events) {
    if (!sent->key_is_given || sent->is_like(one.event)) co_return one.event.id;
  }
  co_return std::nullopt;
}

}  // namespace bellpull
