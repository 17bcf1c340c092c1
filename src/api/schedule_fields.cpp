#include "api/schedule_fields.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/change.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/field_value.h"
#include "api/schema.h"
#include "api/view.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/trigger.h"
#include "schedule/occurrence_event.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t max_timezone_bytes = 128;
constexpr std::size_t max_body_bytes = 65'535;
constexpr std::size_t max_session_bytes = 512;
constexpr std::size_t max_phone_bytes = 64;
constexpr std::int64_t min_catch_up_window_ms = 60'000;

Result<std::optional<std::string>> read_schedule(std::string_view name, const FieldShape& shape,
                                                 const json::value& given) {
  auto text = read_optional_text(name, shape, given);
  if (!text) return text;
  if (const std::optional<std::string>& value = *text) {
    const auto schedule = Schedule::parse(*value);
    if (!schedule) return std::unexpected(schedule.error());
  }
  return text;
}

Result<std::optional<std::string>> read_timezone(std::string_view name, const FieldShape& shape,
                                                 const json::value& given) {
  auto text = read_optional_text(name, shape, given);
  if (!text) return text;
  if (const std::optional<std::string>& value = *text) {
    const auto zone = TimeZone::find(*value);
    if (!zone) return std::unexpected(zone.error());
  }
  return text;
}

// Kept as it is given: it is what the bot gets.
Result<std::optional<std::string>> read_body_text(std::string_view name, const FieldShape& shape,
                                                  const json::value& given) {
  auto text = read_text(name, shape, given);
  if (!text) return std::unexpected(std::move(text.error()));
  if (text->empty()) return std::nullopt;
  return std::move(*text);
}

// A text without the blanks around it.
Result<std::string> read_trimmed(std::string_view name, const FieldShape& shape,
                                 const json::value& given) {
  auto text = read_optional_text(name, shape, given);
  if (!text) return std::unexpected(std::move(text.error()));
  return std::move(*text).value_or("");
}

constexpr std::string_view contact_name = "scheduleContact";

// As of a sender's contact (event_request.cpp), under the names by which problems are told.
const Fields<ContactClaim>& claim_fields() {
  const auto part = [](std::string_view name, std::string ContactClaim::* member,
                       std::size_t max_bytes) {
    return member_field(name, FieldShape{.nullable = true, .max_bytes = max_bytes}, member,
                        read_trimmed, write_text);
  };
  static const Fields<ContactClaim> fields{
      part("scheduleContact.name", &ContactClaim::name, max_name_bytes),
      part("scheduleContact.email", &ContactClaim::email, max_name_bytes),
      part("scheduleContact.phone", &ContactClaim::phone, max_phone_bytes),
  };
  return fields;
}

// "name" of "scheduleContact.name".
std::string_view part_of(const Field<ContactClaim>& field) {
  return field.name.substr(contact_name.size() + 1);
}

Result<std::optional<std::string>> read_contact(std::string_view name, const FieldShape& /*shape*/,
                                                const json::value& given) {
  if (given.is_null()) return std::nullopt;
  const json::object* object = given.if_object();
  if (object == nullptr) {
    return fail(ErrorCode::invalid, std::string{name} + " must be an object or null");
  }
  json::object body;
  for (const Field<ContactClaim>& field : claim_fields()) {
    if (const json::value* value = object->if_contains(part_of(field))) body[field.name] = *value;
  }
  const Result<ContactClaim> claim = bellpull::read_body(claim_fields(), body);
  if (!claim) return std::unexpected(claim.error());
  if (!claim->email.empty() && !looks_like_email(claim->email)) {
    return fail(ErrorCode::invalid, std::string{name} + ".email must be an e-mail address");
  }
  if (claim->empty()) return std::nullopt;
  return write_contact_claim(*claim);
}

json::value write_contact(const std::optional<std::string>& contact, const View&) {
  if (!contact) return nullptr;
  const ContactClaim claim = read_contact_claim(*contact);
  return json::object{{"name", text_or_null(claim.name)},
                      {"email", text_or_null(claim.email)},
                      {"phone", text_or_null(claim.phone)}};
}

json::object contact_schema() {
  return object_schema({{"name", or_null(text_schema())},
                        {"email", or_null(text_schema())},
                        {"phone", or_null(text_schema())}});
}

json::object contact_taken() {
  json::object parts;
  for (const Field<ContactClaim>& field : claim_fields()) {
    parts[part_of(field)] = taken_schema(field.shape, {}, Needed::no);
  }
  json::object schema = open_object_schema();
  schema["properties"] = std::move(parts);
  return schema;
}

// In the order of ScheduleState.
constexpr std::array<std::string_view, 3> state_names{"active", "paused", "invalid"};

Field<Trigger> state_field_of_schedule() {
  return {.name = "scheduleState",
          .shape = {.kind = ValueKind::choice,
                    .nullable = true,
                    .choices = {state_names.begin(), state_names.end()},
                    .about = "Whether the schedule goes on: \"paused\" after failed runs, "
                             "\"invalid\" when it can't be read any more; null without one."},
          .write = [](const Trigger& trigger, const View&) -> json::value {
            if (!trigger.schedule) return nullptr;
            return json::value(state_names.at(static_cast<std::size_t>(trigger.schedule_state)));
          }};
}

// Without an offset it is of the trigger's zone, like a date in its schedule. The table has the
// zone before it, so a body that changes both means the new one.
Field<Trigger> zoned_time(std::string_view name, std::optional<TimePoint> Trigger::* member) {
  Field<Trigger> field = optional_time(name, member);
  field.read = [name, shape = field.shape,
                member](const json::value& given) -> Result<Assignment<Trigger>> {
    const auto time = read_optional_time(name, shape, given);
    if (!time) return std::unexpected(time.error());
    const bool is_local = *time && given.is_string() && !has_offset(given.get_string());
    return [member, time = *time, is_local](Trigger& trigger, const Edit&) -> Result<void> {
      trigger.*member = time;
      if (!is_local || !time) return {};
      const Result<TimeZone> zone = TimeZone::find(trigger.timezone.value_or(""));
      if (!zone) return std::unexpected(zone.error());
      trigger.*member = zone->instant_of(LocalTime{time->time_since_epoch()});
      return {};
    };
  };
  return field;
}

void add_times(Fields<Trigger>& fields) {
  fields.push_back(
      member_field("schedule", FieldShape{.nullable = true, .max_bytes = Schedule::max_bytes},
                   &Trigger::schedule, read_schedule, write_optional_text)
          .also("triggerSchedule", SecondName::edited_wins)
          .means(
              "When it fires by itself: an interval word (\"hourly\"), a cron expression, a time "
              "of day (\"09:30\"), or a date and time for once; null or \"\": never."));
  fields.push_back(member_field("timezone",
                                FieldShape{.nullable = true, .max_bytes = max_timezone_bytes},
                                &Trigger::timezone, read_timezone, write_optional_text)
                       .means("The IANA zone of the schedule; null: UTC."));
  std::ranges::move(bound_fields(), std::back_inserter(fields));
}

void add_policies(Fields<Trigger>& fields) {
  fields.push_back(
      choice("scheduleCatchUp", &Trigger::schedule_catch_up, {"last", "none", "all"})
          .means("What becomes of occurrences that were missed by more than a minute: the last "
                 "one fires late, none does, or all do, the oldest first."));
  fields.push_back(optional_integer("scheduleCatchUpLimit", &Trigger::schedule_catch_up_limit, 1,
                                    max_catch_up_limit)
                       .means("How many fire late when all do: the newest; null: 100."));
  fields.push_back(optional_integer("scheduleCatchUpWindow", &Trigger::schedule_catch_up_window,
                                    min_catch_up_window_ms, max_catch_up_window_ms)
                       .means("How many ms ago a missed occurrence may have been due to fire late; "
                              "null: any."));
  fields.push_back(choice("scheduleOverlap", &Trigger::schedule_overlap, {"queue", "skip"})
                       .means("What an occurrence does while the run of the one before has not "
                              "ended: it waits for it, or is skipped."));
  fields.push_back(
      optional_integer("schedulePauseAfter", &Trigger::schedule_pause_after, 1, max_pause_after)
          .means("After how many scheduled runs in a row that did not succeed the "
                 "schedule is paused; null: never."));
}

void add_content(Fields<Trigger>& fields) {
  fields.push_back(member_field("scheduleBody",
                                FieldShape{.nullable = true, .max_bytes = max_body_bytes},
                                &Trigger::schedule_body, read_body_text, write_optional_text)
                       .means("What an occurrence sends to the bot; null: that it was scheduled."));
  fields.push_back(
      optional_text("scheduleSession", &Trigger::schedule_session, {.max_bytes = max_session_bytes})
          .means("The session of its occurrences, as senders name theirs; null: one "
                 "of their own."));
  fields.push_back(member_field("scheduleContact",
                                FieldShape{.kind = ValueKind::object, .nullable = true},
                                &Trigger::schedule_contact, read_contact, write_contact)
                       .means("Who an occurrence is from.")
                       .takes(contact_taken())
                       .gives(contact_schema()));
}

}  // namespace

Fields<Trigger> bound_fields() {
  return {
      zoned_time("scheduleStartAt", &Trigger::schedule_start_at)
          .means("Nothing is due before it; it is the first time of interval words. Without an "
                 "offset: in "
                 "the trigger's timezone."),
      zoned_time("scheduleEndAt", &Trigger::schedule_end_at)
          .means("Nothing is due after it. Without an offset: in the trigger's timezone."),
      optional_integer("scheduleJitter", &Trigger::schedule_jitter, 0, max_schedule_jitter_ms)
          .means("By how many ms at most each occurrence is delayed, so that not all "
                 "fire at once; the same occurrence always by as many."),
  };
}

Fields<Trigger> schedule_fields() {
  Fields<Trigger> fields;
  add_times(fields);
  add_policies(fields);
  add_content(fields);
  fields.push_back(state_field_of_schedule());
  fields.push_back(optional_text("scheduleError", &Trigger::schedule_error)
                       .read_only()
                       .means("Why the schedule is not active."));
  return fields;
}

}  // namespace bellpull
