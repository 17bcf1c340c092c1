#include "api/inbox_items.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/field.h"
#include "api/field_value.h"
#include "api/schema.h"
#include "api/usage_window.h"
#include "api/view.h"
#include "base/json.h"
#include "base/time.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/step.h"
#include "domain/transcript.h"
#include "store/event_search.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t max_summary_characters = 80;

std::string_view source_name(EventSource source) {
  return event_source_names.at(static_cast<std::size_t>(source));
}

FieldShape choice_of(std::span<const std::string_view> choices) {
  return {.kind = ValueKind::choice, .choices = {choices.begin(), choices.end()}};
}

json::object contact_schema() {
  return object_schema({{"name", or_null(text_schema())},
                        {"email", or_null(text_schema())},
                        {"phone", or_null(text_schema())}});
}

template <class Id>
json::value id_or_null(const std::optional<Id>& id) {
  return id ? json::value(id->text()) : json::value(nullptr);
}

// The session as its sender or owner would write it: without the letter of its type.
json::value session_name(const SessionKey& session) {
  const std::string_view text = session.text();
  if (text.empty()) return nullptr;
  const std::string_view name = text.substr(std::min<std::size_t>(2, text.size()));
  return json::value(name.empty() ? "invoke" : name);
}

json::value contact_of(const Event& event) {
  return json::object{{"name", text_or_null(event.contact.name)},
                      {"email", text_or_null(event.contact.email)},
                      {"phone", text_or_null(event.contact.phone)}};
}

// A field that is made, not stored under its name; all of these are read-only.
template <class Resource, class Write>
Field<Resource> shown(std::string_view name, const FieldShape& shape, Write write) {
  return {
      .name = name, .shape = shape, .write = [write](const Resource& resource, const View& view) {
        return json::value(write(resource, view));
      }};
}

Field<InboxItem> text_shown(std::string_view name, std::string Event::* member) {
  return shown<InboxItem>(name, {}, [member](const InboxItem& item, const View&) {
    return json::value(item.event.*member);
  });
}
Field<InboxItem> text_or_null_shown(std::string_view name, std::string Event::* member) {
  return shown<InboxItem>(name, {.nullable = true}, [member](const InboxItem& item, const View&) {
    return text_or_null(item.event.*member);
  });
}
Field<InboxItem> number_shown(std::string_view name, std::int64_t Run::* member) {
  return shown<InboxItem>(
      name, {.kind = ValueKind::integer},
      [member](const InboxItem& item, const View&) { return json::value(item.run.*member); });
}
Field<InboxItem> words_shown(std::string_view name, std::string Run::* member) {
  return shown<InboxItem>(name, {.nullable = true}, [member](const InboxItem& item, const View&) {
    return text_or_null(item.run.*member);
  });
}
Field<InboxItem> time_shown(std::string_view name, std::optional<TimePoint> Run::* member) {
  return shown<InboxItem>(
      name, {.kind = ValueKind::timestamp, .nullable = true},
      [member](const InboxItem& item, const View& view) { return view.time(item.run.*member); });
}

Field<InboxItem> event_id(std::string_view name) {
  return shown<InboxItem>(name, {.kind = ValueKind::id}, [](const InboxItem& item, const View&) {
    return json::value(item.event.id.text());
  });
}
Field<InboxItem> run_id(std::string_view name) {
  return shown<InboxItem>(name, {.kind = ValueKind::id}, [](const InboxItem& item, const View&) {
    return json::value(item.run.id.text());
  });
}
Field<InboxItem> trigger_id() {
  return shown<InboxItem>(
      "triggerId", {.kind = ValueKind::reference, .nullable = true},
      [](const InboxItem& item, const View&) { return id_or_null(item.trigger); });
}
Field<InboxItem> conversation_id() {
  return shown<InboxItem>(
      "conversationId", {.kind = ValueKind::reference, .nullable = true},
      [](const InboxItem& item, const View&) { return id_or_null(item.run.conversation); });
}
Field<InboxItem> state() {
  return shown<InboxItem>("state", choice_of(run_state_names),
                          [](const InboxItem& item, const View&) {
                            return json::value(run_state_name(item.run.state));
                          });
}
Field<InboxItem> received_at(std::string_view name) {
  return shown<InboxItem>(
      name, {.kind = ValueKind::timestamp},
      [](const InboxItem& item, const View& view) { return view.time(item.event.received_at); });
}

// Of those that a person has not looked into.
Field<InboxItem> unknown_outcomes() {
  return shown<InboxItem>("unknownOutcomes", {.kind = ValueKind::integer},
                          [](const InboxItem& item, const View&) {
                            return json::value(item.run.unknown_calls - item.run.resolved_calls);
                          })
      .means("Calls of the run whose outcome nobody knows.");
}

json::value member_or_null(const json::object& object, std::string_view name) {
  const json::value* const found = object.if_contains(name);
  return found == nullptr ? json::value{} : *found;
}

json::value shown_resolution(const std::optional<Step>& resolved, const View& view) {
  if (!resolved) return nullptr;
  const json::object content = parse_stored(resolved->content);
  return json::object{{"stepId", resolved->id.text()},
                      {"outcome", member_or_null(content, "outcome")},
                      {"result", member_or_null(content, "result")},
                      {"note", member_or_null(content, "note")},
                      {"resolvedAt", view.time(resolved->created_at)}};
}

// At most so many characters, on one line.
std::string shortened(std::string_view text) {
  std::string line;
  std::size_t characters = 0;
  for (const char c : trimmed(text)) {
    const bool is_start = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    if (is_start && ++characters > max_summary_characters) break;
    const bool is_control = static_cast<unsigned char>(c) < 0x20U || c == 0x7F;
    line += is_control ? ' ' : c;
  }
  return line;
}

}  // namespace

const Fields<InboxItem>& inbox_fields() {
  static const Fields<InboxItem> fields{
      event_id("id"),
      trigger_id(),
      shown<InboxItem>("source", choice_of(event_source_names),
                       [](const InboxItem& item, const View&) {
                         return json::value(source_name(item.event.source));
                       }),
      state(),
      received_at("receivedAt"),
      shown<InboxItem>("scheduledAt", {.kind = ValueKind::timestamp, .nullable = true},
                       [](const InboxItem& item, const View& view) {
                         return view.time(item.event.scheduled_at);
                       }),
      shown<InboxItem>(
          "replayOf", {.kind = ValueKind::reference, .nullable = true},
          [](const InboxItem& item, const View&) { return id_or_null(item.event.replay_of); }),
      text_shown("method", &Event::method),
      text_shown("contentType", &Event::content_type),
      text_shown("query", &Event::query),
      shown<InboxItem>("headers", {.kind = ValueKind::object},
                       [](const InboxItem& item, const View&) {
                         return json::value(parse_stored(item.event.headers));
                       }),
      shown<InboxItem>(
          "session", {.nullable = true},
          [](const InboxItem& item, const View&) { return session_name(item.event.session); }),
      shown<InboxItem>("contact", {.kind = ValueKind::object},
                       [](const InboxItem& item, const View&) { return contact_of(item.event); })
          .gives(contact_schema()),
      shown<InboxItem>(
          "bodySize", {.kind = ValueKind::integer},
          [](const InboxItem& item, const View&) { return json::value(item.event.body_size); }),
      shown<InboxItem>("bodyRemovedAt", {.kind = ValueKind::timestamp, .nullable = true},
                       [](const InboxItem& item, const View& view) {
                         return view.time(item.event.body_removed_at);
                       }),
      text_or_null_shown("idempotencyKey", &Event::idempotency_key),
      run_id("runId"),
      conversation_id(),
      number_shown("attempt", &Run::attempt),
      time_shown("startedAt", &Run::started_at),
      time_shown("endedAt", &Run::ended_at),
      words_shown("reason", &Run::reason),
      words_shown("error", &Run::error_message),
      unknown_outcomes(),
  };
  return fields;
}

json::array unknown_calls(const Transaction& rows, const Run& run, const View& view) {
  json::array shown;
  if (run.unknown_calls == 0) return shown;
  for (const UnknownCall& call : rows.runs().unknown_calls(run.id)) {
    shown.push_back(json::object{{"stepId", call.result.id.text()},
                                 {"function", member_or_null(call.intent, "name")},
                                 {"arguments", member_or_null(call.intent, "arguments")},
                                 {"recordedAt", view.time(call.result.created_at)},
                                 {"resolution", shown_resolution(call.resolved, view)}});
  }
  return shown;
}

json::object unknown_calls_schema() {
  const json::object resolution = object_schema({{"stepId", text_schema()},
                                                 {"outcome", choice_schema(resolution_names)},
                                                 {"result", json::object{}},
                                                 {"note", or_null(text_schema())},
                                                 {"resolvedAt", time_schema()}});
  return array_schema(object_schema({{"stepId", text_schema()},
                                     {"function", or_null(text_schema())},
                                     {"arguments", or_null(open_object_schema())},
                                     {"recordedAt", time_schema()},
                                     {"resolution", or_null(resolution)}}));
}

const Fields<InboxItem>& run_fields() {
  static const Fields<InboxItem> fields{
      run_id("id"),
      event_id("eventId"),
      trigger_id(),
      conversation_id(),
      state(),
      number_shown("attempt", &Run::attempt),
      received_at("queuedAt"),
      time_shown("startedAt", &Run::started_at),
      time_shown("endedAt", &Run::ended_at),
      time_shown("nextAttemptAt", &Run::due_at),
      words_shown("reason", &Run::reason),
      words_shown("error", &Run::error_message),
      number_shown("steps", &Run::steps),
      number_shown("modelCalls", &Run::model_calls),
      number_shown("actionCalls", &Run::action_calls),
      unknown_outcomes(),
      number_shown("inputTokens", &Run::input_tokens),
      number_shown("outputTokens", &Run::output_tokens),
      shown<InboxItem>("costMicros", {.kind = ValueKind::integer, .nullable = true},
                       [](const InboxItem& item, const View&) {
                         return cost_value({.model_calls = item.run.model_calls,
                                            .cost = item.run.cost,
                                            .unpriced_calls = item.run.unpriced_calls});
                       }),
  };
  return fields;
}

const Fields<Step>& step_fields() {
  static const Fields<Step> fields{
      id_field<Step>(),
      shown<Step>("runId", {.kind = ValueKind::reference},
                  [](const Step& step, const View&) { return json::value(step.id.run.text()); }),
      shown<Step>("number", {.kind = ValueKind::integer},
                  [](const Step& step, const View&) { return json::value(step.id.number); }),
      shown<Step>(
          "kind", choice_of(step_kind_names),
          [](const Step& step, const View&) { return json::value(step_kind_name(step.kind)); }),
      shown<Step>("attempt", {.kind = ValueKind::integer},
                  [](const Step& step, const View&) { return json::value(step.attempt); }),
      timestamp("createdAt", &Step::created_at),
      shown<Step>(
          "data", {.kind = ValueKind::object},
          [](const Step& step, const View&) { return json::value(parse_stored(step.content)); }),
  };
  return fields;
}

const Fields<Attempt>& attempt_fields() {
  static const Fields<Attempt> fields{
      shown<Attempt>(
          "number", {.kind = ValueKind::integer},
          [](const Attempt& attempt, const View&) { return json::value(attempt.number); }),
      optional_time("startedAt", &Attempt::first_step_at),
      optional_time("endedAt", &Attempt::last_step_at),
      shown<Attempt>(
          "steps", {.kind = ValueKind::integer},
          [](const Attempt& attempt, const View&) { return json::value(attempt.steps); }),
      shown<Attempt>(
          "error", {.nullable = true},
          [](const Attempt& attempt, const View&) { return text_or_null(attempt.error); }),
  };
  return fields;
}

std::string summary_of(const Event& event) {
  if (event.body.starts_with('{')) {
    const auto parsed = parse_foreign(event.body);
    const auto* object = parsed ? parsed->if_object() : nullptr;
    for (const std::string_view name : {"event", "type"}) {
      const json::value* found = object == nullptr ? nullptr : object->if_contains(name);
      if (found != nullptr && found->is_string()) return shortened(found->get_string());
    }
  }
  return shortened(event.body);
}

std::optional<TriggerId> trigger_of(const Transaction& rows, TriggerKey key) {
  const auto trigger = rows.triggers().find(key);
  if (!trigger) return std::nullopt;
  return trigger->id;
}

InboxItem inbox_item(const Transaction& rows, EventAndRun found) {
  const TriggerKey trigger = found.run.trigger;
  return {std::move(found.event), std::move(found.run), trigger_of(rows, trigger)};
}

}  // namespace bellpull
