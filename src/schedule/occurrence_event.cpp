#include "schedule/occurrence_event.h"

#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/json.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/event.h"
#include "domain/trigger.h"
#include "schedule/timetable.h"
#include "store/accept.h"

namespace bellpull {

namespace json = boost::json;

namespace {

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  if (found == nullptr || !found->is_string()) return {};
  return std::string{found->get_string()};
}

SessionKey session_of(const Trigger& trigger) {
  if (trigger.schedule_session) return SessionKey::named(*trigger.schedule_session);
  return SessionKey::schedule(trigger.schedule.value_or(""));
}

std::string body_of(const Trigger& trigger) {
  if (trigger.schedule_body) return *trigger.schedule_body;
  return json::serialize(json::object{
      {"type", "invoke"}, {"reason", "scheduled to run " + trigger.schedule.value_or("")}});
}

}  // namespace

ContactClaim read_contact_claim(std::string_view stored) {
  const json::object object = parse_stored(stored);
  return {.name = text_of(object, "name"),
          .email = text_of(object, "email"),
          .phone = text_of(object, "phone")};
}

std::string write_contact_claim(const ContactClaim& claim) {
  return json::serialize(
      json::object{{"name", claim.name}, {"email", claim.email}, {"phone", claim.phone}});
}

OccurrenceEvent::OccurrenceEvent(const Trigger& trigger)
    : trigger_(trigger),
      session_(session_of(trigger)),
      contact_(read_contact_claim(trigger.schedule_contact.value_or("{}"))),
      body_(body_of(trigger)),
      is_json_(parse_foreign(body_).has_value()) {}

NewEvent OccurrenceEvent::at(const Occurrence& occurrence, TimePoint now) const {
  return {.trigger = trigger_.id.key,
          .account = trigger_.account,
          .trigger_version = trigger_.version,
          .source = EventSource::schedule,
          .received_at = now,
          .method = "POST",
          .content_type = is_json_ ? "application/json" : "text/plain; charset=utf-8",
          .headers = "{}",
          .session = session_.text(),
          .session_number = session_number(trigger_.id.key, session_),
          .contact_name = contact_.name,
          .contact_email = contact_.email,
          .contact_phone = contact_.phone,
          .body = body_,
          .scheduled_at = occurrence.due};
}

}  // namespace bellpull
