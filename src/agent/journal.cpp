#include "agent/journal.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "action/action.h"
#include "agent/exchange.h"
#include "agent/settling.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/run.h"
#include "domain/step.h"
#include "domain/transcript.h"
#include "llm/provider.h"
#include "store/run_records.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 5> stop_names = {"done", "tool_calls", "length", "filtered",
                                                        "refused"};
constexpr std::string_view nudge_note = "nudge";

StopReason parse_stop(std::string_view name) {
  const auto* const found = std::ranges::find(stop_names, name);
  return found == stop_names.end() ? StopReason::done
                                   : static_cast<StopReason>(found - stop_names.begin());
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found != nullptr && found->is_string() ? std::string{found->get_string()} : std::string{};
}

bool flag_of(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found != nullptr && found->is_bool() && found->get_bool();
}

// Whether what is written of it can be read again: text is UTF-8, and numbers are finite.
bool is_readable(const json::value& value) {
  if (value.is_string()) return is_utf8(value.get_string());
  if (value.is_double()) return std::isfinite(value.get_double());
  if (value.is_array()) return std::ranges::all_of(value.get_array(), is_readable);
  if (!value.is_object()) return true;
  return std::ranges::all_of(value.get_object(), [](const json::key_value_pair& member) {
    return is_utf8(member.key()) && is_readable(member.value());
  });
}

json::value readable(const json::value& value) {
  if (value.is_string()) return json::value(valid_text(value.get_string()));
  if (value.is_double() && !std::isfinite(value.get_double())) return {};
  if (value.is_array()) {
    json::array result;
    for (const json::value& element : value.get_array()) result.push_back(readable(element));
    return result;
  }
  if (!value.is_object()) return value;
  json::object result;
  for (const auto& member : value.get_object()) {
    result[valid_text(member.key())] = readable(member.value());
  }
  return result;
}

// Whatever an action or a model's server gave: a step that could not be read again would end the
// run at each later attempt.
NewStep step_of(StepKind kind, json::object content) {
  const json::value whole(std::move(content));
  const bool is_good = is_readable(whole);
  return {.kind = kind, .content = json::serialize(is_good ? whole : readable(whole))};
}

Exchange exchange_of(const json::object& content) {
  Exchange exchange{.text = text_of(content, "text"),
                    .verbatim = text_of(content, "verbatim"),
                    .stop = parse_stop(text_of(content, "stop"))};
  const json::value* calls = content.if_contains("calls");
  if (calls == nullptr || !calls->is_array()) return exchange;
  for (const json::value& call : calls->get_array()) {
    if (!call.is_object()) continue;
    const json::object& object = call.get_object();
    exchange.calls.push_back({.call = {.id = text_of(object, "id"),
                                       .name = text_of(object, "name"),
                                       .arguments = text_of(object, "arguments")}});
  }
  return exchange;
}

json::object content_of(const Step& step) {
  std::optional<json::object> content = read_stored(step.content);
  if (!content) {
    throw std::runtime_error("step " + std::to_string(step.id.number) + " cannot be read");
  }
  return std::move(*content);
}

void read_intent(Exchange& exchange, const Step& step, const json::object& content) {
  const std::string id = text_of(content, "call");
  for (ExchangeCall& call : exchange.calls) {
    if (call.intent != 0 || call.call.id != id) continue;
    call.intent = step.id.number;
    call.intended_at = step.created_at;
    call.key = text_of(content, "key");
    call.idempotent = flag_of(content, "idempotent");
    call.started = true;
    return;
  }
}

void read_result(Exchange& exchange, const json::object& content, std::size_t limit) {
  const json::value* intent = content.if_contains("intent");
  if (intent == nullptr || !intent->is_int64()) return;
  for (ExchangeCall& call : exchange.calls) {
    if (call.intent != intent->get_int64()) continue;
    const json::value* result = content.if_contains("result");
    call.done = true;
    call.is_error = flag_of(content, "isError");
    call.result = result_text(result != nullptr ? *result : json::value{}, limit);
    if (const json::value* settles = content.if_contains("settles");
        settles != nullptr && settles->is_string()) {
      call.settles = parse_run_state(settles->get_string());
      call.reason = text_of(content, "reason");
    }
    return;
  }
}

// What a person found out since is what the model is told from then on.
void read_resolution(std::span<Exchange> exchanges, const json::object& content,
                     std::size_t limit) {
  const json::value* intent = content.if_contains("intent");
  if (intent == nullptr || !intent->is_int64()) return;
  for (Exchange& exchange : exchanges) {
    for (ExchangeCall& call : exchange.calls) {
      if (call.intent != intent->get_int64()) continue;
      call.is_error = !is_done(content);
      call.result = result_text(resolved_result(content), limit);
    }
  }
}

}  // namespace

json::object opened_content(const json::object& trigger, std::string_view timezone, TimePoint now) {
  return {{"trigger", trigger}, {"ranAt", to_iso(now)}, {"timezone", timezone}};
}

json::object with_contact(json::object opening, const Contact& contact) {
  opening["contact"] =
      json::object{{"id", contact.id.text()},
                   {"name", contact.name},
                   {"email", contact.email ? json::value(*contact.email) : json::value{}},
                   {"phone", contact.phone ? json::value(*contact.phone) : json::value{}}};
  return opening;
}

NewStep opened_step(const json::object& content) {
  NewStep step = step_of(StepKind::opened, content);
  step.messages = {{MessageType::instruction, part::instruction},
                   {MessageType::activity, part::event_request},
                   {MessageType::activity, part::event_response},
                   {MessageType::activity, part::trigger_request},
                   {MessageType::activity, part::trigger_response}};
  return step;
}

NewStep model_step(const ModelAnswer& answer, Duration took) {
  json::object content{{"model", answer.model},
                       {"text", answer.text},
                       {"stop", stop_names.at(static_cast<std::size_t>(answer.stop))},
                       {"usage", json::object{{"input", answer.usage.input},
                                              {"cachedInput", answer.usage.cached_input},
                                              {"output", answer.usage.output},
                                              {"reasoning", answer.usage.reasoning}}},
                       {"durationMs", took.count()}};
  json::array& calls = content["calls"].emplace_array();
  for (const ToolCall& call : answer.calls) {
    calls.push_back(
        json::object{{"id", call.id}, {"name", call.name}, {"arguments", call.arguments}});
  }
  if (!answer.reasoning.empty()) content["reasoning"] = answer.reasoning;
  if (!answer.verbatim.empty()) content["verbatim"] = answer.verbatim;
  if (!answer.request_id.empty()) content["requestId"] = answer.request_id;
  NewStep step = step_of(StepKind::model, std::move(content));
  if (!answer.reasoning.empty()) {
    step.messages.push_back({MessageType::reasoning, part::reasoning});
  }
  if (!answer.text.empty()) step.messages.push_back({MessageType::bot, part::text});
  return step;
}

NewStep intent_step(const ExchangeCall& call, const json::object& arguments) {
  return step_of(StepKind::intent, {{"call", call.call.id},
                                    {"name", call.call.name},
                                    {"arguments", arguments},
                                    {"key", call.key},
                                    {"idempotent", call.idempotent}});
}

NewStep result_step(std::int64_t intent, const ActionOutcome& outcome, Duration took) {
  json::object content{{"intent", intent},
                       {"result", outcome.result},
                       {"isError", outcome.is_error},
                       {"durationMs", took.count()}};
  if (outcome.outcome_unknown) content["outcomeUnknown"] = true;
  if (outcome.settles) {
    content["settles"] = run_state_name(state_of(*outcome.settles));
    content["reason"] = outcome.reason;
  }
  NewStep step = step_of(StepKind::result, std::move(content));
  step.messages = {{MessageType::activity, part::call_request},
                   {MessageType::activity, part::call_response}};
  step.outcome_unknown = outcome.outcome_unknown;
  return step;
}

NewStep nudge_step(std::string_view text) {
  NewStep step = step_of(StepKind::note, {{"note", nudge_note}, {"text", text}});
  step.messages = {{MessageType::instruction, part::text}};
  return step;
}

NewStep failure_step(std::string_view text) {
  return step_of(StepKind::note, {{"note", failure_note}, {"text", text}});
}

NewStep settled_step(const Ending& ending, Shown shown) {
  const bool succeeded = ending.state == RunState::succeeded;
  json::object content{{"status", succeeded ? "complete" : "incomplete"},
                       {"outcome", run_state_name(ending.state)}};
  // A run that succeeded needs no excuse; the bot's words stand in the run.
  if (!succeeded && !ending.reason.empty()) content["reason"] = ending.reason;
  NewStep step = step_of(StepKind::settled, std::move(content));
  if (shown == Shown::in_conversation) {
    step.messages = {{MessageType::activity, part::status_request},
                     {MessageType::activity, part::status_response}};
  }
  return step;
}

std::string result_text(const json::value& result, std::size_t limit) {
  std::string text =
      result.is_string() ? std::string{result.get_string()} : json::serialize(result);
  if (text.size() <= limit) return text;
  const std::size_t whole = text.size();
  const std::size_t end = cut_at_character(text, limit).size();
  text.resize(end);
  text += " [cut: " + std::to_string(end) + " of " + std::to_string(whole) + " bytes]";
  return text;
}

ActionOutcome unknown_outcome() {
  return {.result = unknown_result(), .is_error = true, .outcome_unknown = true};
}

RunState state_of(Settlement settlement) {
  return settlement == Settlement::success ? RunState::succeeded : RunState::failed;
}

RecordedRun read_journal(RecordedRun run, std::span<const Step> steps, std::size_t result_limit) {
  for (const Step& step : steps) {
    run.last_step = std::max(run.last_step, step.id.number);
    const json::object content = content_of(step);
    if (step.kind == StepKind::opened) {
      run.opened = true;
      run.opening = content;
    } else if (step.kind == StepKind::model) {
      run.exchanges.push_back(exchange_of(content));
    } else if (run.exchanges.empty()) {
      continue;
    } else if (step.kind == StepKind::intent) {
      read_intent(run.exchanges.back(), step, content);
    } else if (step.kind == StepKind::result) {
      read_result(run.exchanges.back(), content, result_limit);
    } else if (step.kind == StepKind::resolved) {
      read_resolution(run.exchanges, content, result_limit);
    } else if (step.kind == StepKind::note && text_of(content, "note") == nudge_note) {
      run.exchanges.back().nudge = text_of(content, "text");
      ++run.nudges;
    }
  }
  return run;
}

}  // namespace bellpull
