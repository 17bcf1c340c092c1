#include "domain/transcript.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/time.h"
#include "domain/conversation.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/step.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// A member of `object`, or null.
json::value member(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found == nullptr ? json::value{} : *found;
}

std::string text_member(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found != nullptr && found->is_string() ? std::string{found->get_string()} : std::string{};
}

void render_opened(Message& message, std::int64_t part, const json::object& content,
                   const JournalReader& journal) {
  if (part == part::instruction) {
    message.text = opening_instruction();
    return;
  }
  const bool about_event = part == part::event_request || part == part::event_response;
  const std::string_view name = about_event ? incoming_event_function : trigger_details_function;
  if (part == part::event_request || part == part::trigger_request) {
    message.meta = json::serialize(activity_meta({}, json::value(name), json::object{}, nullptr));
    return;
  }
  const json::value result =
      about_event ? incoming_event(content, journal.event()) : trigger_details(content);
  message.meta = json::serialize(activity_meta({}, json::value(name), json::object{}, &result));
}

void render_settled(Message& message, std::int64_t part, const json::object& content) {
  const json::value result = content;
  message.meta = json::serialize(activity_meta({}, json::value(run_status_function), json::object{},
                                               part == part::status_response ? &result : nullptr));
}

void render_call(Message& message, std::int64_t part, const json::object& content,
                 const JournalReader& journal) {
  const json::value* intent = content.if_contains("intent");
  const json::object call =
      intent != nullptr && intent->is_int64() ? journal.step(intent->get_int64()) : json::object{};
  json::value result = member(content, "result");
  if (part == part::call_response && is_unknown(content)) {
    const json::object resolved = journal.resolution();
    if (!resolved.empty()) result = resolved_result(resolved);
  }
  message.meta = json::serialize(activity_meta(text_member(call, "call"), member(call, "name"),
                                               member(call, "arguments"),
                                               part == part::call_response ? &result : nullptr));
}

}  // namespace

std::string_view opening_instruction() {
  return "A new background run begins. No person is waiting for an answer, so ask no questions. "
         "Read the event with `_getIncomingEvent` and what this trigger is for with "
         "`_getTriggerDetails`, do what they call for with your functions, and settle the run: "
         "call `_success` when it is done, or `_failure` when it cannot be done, each with the "
         "reason. What stands before this message belongs to earlier runs.";
}

json::object incoming_event(const json::object& opened, const Event& event) {
  json::object result{{"body", event.body},
                      {"ranAt", member(opened, "ranAt")},
                      {"timezone", member(opened, "timezone")},
                      {"event", json::object{{"id", event.id.text()},
                                             {"receivedAt", to_iso(event.received_at)},
                                             {"method", event.method},
                                             {"contentType", event.content_type}}}};
  if (event.body_removed_at) result["bodyRemovedAt"] = to_iso(*event.body_removed_at);
  if (const json::value* contact = opened.if_contains("contact"); contact != nullptr) {
    result["contact"] = *contact;
  }
  return result;
}

json::object trigger_details(const json::object& opened) {
  const json::value* trigger = opened.if_contains("trigger");
  return trigger != nullptr && trigger->is_object() ? trigger->get_object() : json::object{};
}

std::string failure_text(const json::object& content) {
  if (text_member(content, "note") != failure_note) return {};
  return text_member(content, "text");
}

json::object unknown_result() { return unknown_result("This call was cut off"); }

json::object unknown_result(std::string_view why) {
  return {{"error", "outcome_unknown"},
          {"message", std::string{why} +
                          ", so nobody knows whether it took effect. Find out before you call it "
                          "again, if you can."}};
}

bool is_unknown(const json::object& result) {
  const json::value flag = member(result, "outcomeUnknown");
  if (flag.is_bool()) return flag.get_bool();
  // As it was recorded before there was the flag.
  return member(result, "result") == json::value(unknown_result());
}

json::object resolved_content(std::int64_t of, const json::object& result,
                              const Resolution& resolution, TimePoint now) {
  json::object content{
      {"of", of},
      {"intent", member(result, "intent")},
      {"outcome", resolution_names.at(static_cast<std::size_t>(resolution.outcome))},
      {"resolvedAt", to_iso(now)}};
  if (resolution.result) content["result"] = *resolution.result;
  if (!resolution.note.empty()) content["note"] = resolution.note;
  return content;
}

bool is_same_resolution(json::object one, json::object other) {
  one.erase("resolvedAt");
  other.erase("resolvedAt");
  return one == other;
}

bool is_done(const json::object& resolved) {
  return text_member(resolved, "outcome") ==
         resolution_names.at(static_cast<std::size_t>(Resolution::Outcome::done));
}

json::object resolved_result(const json::object& resolved) {
  json::object result;
  if (is_done(resolved)) {
    result["outcome"] = "done";
    result["message"] = "Nobody knew the outcome at first. A person found out: it took effect.";
  } else {
    result["error"] = "not_done";
    result["message"] =
        "Nobody knew the outcome at first. A person found out: it did not take effect.";
  }
  for (const std::string_view name : {"result", "note", "resolvedAt"}) {
    const json::value* const given = resolved.if_contains(name);
    if (given != nullptr) result[name] = *given;
  }
  return result;
}

json::object activity_meta(std::string_view id, const json::value& name, json::value arguments,
                           const json::value* result) {
  json::object function{{"name", name}, {"arguments", std::move(arguments)}};
  if (result != nullptr) function["result"] = *result;
  json::object activity{{"type", result == nullptr ? "request" : "response"},
                        {"function", std::move(function)}};
  if (!id.empty()) activity["id"] = id;
  return {{"activity", std::move(activity)}};
}

json::object unawaited_result() {
  return {{"error", "not_awaited"}, {"message", "The run ended before this call's wait was over."}};
}

void render_part(Message& message, StepKind kind, std::int64_t part, const json::object& content,
                 const JournalReader& journal) {
  switch (kind) {
    case StepKind::opened:
      render_opened(message, part, content, journal);
      return;
    case StepKind::model:
      message.text = text_member(content, part == part::reasoning ? "reasoning" : "text");
      return;
    case StepKind::intent:
    case StepKind::resolved:
      return;
    case StepKind::result:
      render_call(message, part, content, journal);
      return;
    case StepKind::note:
      message.text = text_member(content, "text");
      return;
    case StepKind::settled:
      render_settled(message, part, content);
      return;
  }
}

}  // namespace bellpull
