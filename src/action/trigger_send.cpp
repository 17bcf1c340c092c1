#include "action/trigger_send.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
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
#include "base/task.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "store/accept.h"
#include "store/done_calls.h"
#include "store/store.h"
#include "store/transaction.h"
#include "trigger/trigger_registry.h"

namespace bellpull {

namespace json = boost::json;

// What a call sends.
struct TriggerSendAction::Sent {
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
};

namespace {

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
  const std::int64_t hops = request.context.hops + 1;
  if (hops > door_.max_hops) {
    co_return error_outcome(fmt::format(
        "Nothing was sent: {} triggers have sent to one another to get here, and no more may "
        "(limits.hops). Do not send again; a bot that triggers itself must stop by itself",
        request.context.hops));
  }
  InputFields fields{request.input};
  Sent sent{.hops = hops};
  const std::string trigger = fields.required_text("triggerId");
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
  if (const auto& run = request.context.run) headers["bellpull-run"] = run->text();
  // Nobody becomes more trustworthy by way of another trigger.
  if (request.context.from_anybody) headers[claimed_contact_header] = "true";
  sent.headers = json::serialize(headers);

  const auto found = co_await store_.read([&](const Transaction& rows) {
    auto one = find_named(rows.triggers(), request.context.account, trigger);
    if (one && (one->account != request.context.account || one->deleted_at)) one.reset();
    return one;
  });
  if (!found) {
    co_return error_outcome(fmt::format(
        "There is no trigger \"{}\" in this account: give the id or the alias of one", trigger));
  }
  co_return co_await send(found->id.text(), &sent);
}

// `sent` is the caller's own, which waits for this.
Task<ActionOutcome> TriggerSendAction::send(std::string trigger, const Sent* sent) {
  const Clock& clock = store_.clock();
  for (int admissions = 0; admissions < max_admissions; ++admissions) {
    const auto known = co_await door_.registry.find(trigger);
    if (!known) co_return error_outcome(known.error());
    if ((*known)->account_is_disabled) co_return error_outcome("The account is disabled");
    if (admissions == 0 && (*known)->rate) {
      const auto wait = (*known)->rate->take(clock.steady_now());
      if (wait > SteadyTime::duration{0}) {
        co_return error_outcome(
            fmt::format("Nothing was sent: the trigger takes no more events for {} s",
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
  co_return error_outcome("The trigger is being changed: send it again");
}

}  // namespace bellpull
