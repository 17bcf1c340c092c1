#include "api/ability_events.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "action/ability_bench.h"
#include "api/schema.h"
#include "domain/transcript.h"
#include "store/run_records.h"

namespace bellpull {

namespace json = boost::json;

namespace {

json::object message_of(json::object meta) {
  return {{"type", "activity"}, {"text", ""}, {"meta", std::move(meta)}};
}

std::string text_in(const json::object& object, std::string_view name) {
  const json::value* const found = object.if_contains(name);
  return found != nullptr && found->is_string() ? std::string{found->get_string()} : std::string{};
}

json::object optional_members(json::object schema) {
  schema["required"] = json::array{"usage", "messages"};
  return schema;
}

}  // namespace

json::object operation_event(std::string_view call, std::string_view ability,
                             const AbilityBench::Begun& begun) {
  return {{"id", call},
          {"action", json::object{{"id", ability},
                                  {"kind", "skillset"},
                                  {"name", begun.function},
                                  {"input", begun.arguments}}}};
}

json::object request_message(std::string_view call, const AbilityBench::Begun& begun) {
  return message_of(activity_meta(call, json::value(begun.function), begun.arguments, nullptr));
}

json::object response_message(std::string_view call, const AbilityBench::Begun& begun,
                              const json::value& result) {
  return message_of(activity_meta(call, json::value(begun.function), begun.arguments, &result));
}

// Of several blocks, the last that ran is the one that failed; what follows it is a remark.
std::string error_text(const json::value& result) {
  if (const auto* list = result.if_array()) {
    for (auto element = list->rbegin(); element != list->rend(); ++element) {
      if (element->is_object()) return error_text(*element);
    }
  }
  const auto* const object = result.if_object();
  if (object == nullptr) {
    return result.is_string() ? std::string{result.get_string()} : json::serialize(result);
  }
  const std::string error = text_in(*object, "error");
  const std::string message = text_in(*object, "message");
  if (error.empty() && message.empty()) return json::serialize(result);
  if (error.empty() || message.empty()) return error + message;
  return error + ": " + message;
}

json::object trial_result(std::string_view call, const AbilityBench::Tried& tried) {
  // Of the models that the action itself asked.
  std::int64_t tokens = 0;
  for (const ModelUse& use : tried.outcome.model_calls) {
    tokens += use.input_tokens + use.output_tokens;
  }
  json::object result{{"usage", json::object{{"token", tokens}}}};
  if (tried.outcome.is_error) {
    result["error"] = error_text(tried.outcome.result);
    if (tried.outcome.outcome_unknown) result["outcomeUnknown"] = true;
  } else {
    result["result"] = tried.outcome.result;
  }
  json::array& messages = result["messages"].emplace_array();
  if (const auto& made = tried.call; made) {
    messages.push_back(request_message(call, *made));
    messages.push_back(response_message(call, *made, tried.outcome.result));
  }
  return result;
}

Schema trial_result_schema() {
  return {"AbilityExecution",
          optional_members(object_schema(
              {{"usage", object_schema({{"token", whole_number_schema()}})},
               {"error", described(text_schema(), "Why the call failed; `result` is absent then.")},
               {"result", {{"description", "What the action gave: any JSON value."}}},
               {"outcomeUnknown",
                described(boolean_schema(),
                          "`true`: nobody knows whether the call took effect; else absent.")},
               {"messages", array_schema(object_schema({{"type", text_schema()},
                                                        {"text", text_schema()},
                                                        {"meta", open_object_schema()}}))}}))};
}

}  // namespace bellpull
