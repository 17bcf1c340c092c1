#include "llm/openai_answer.h"

#include <cstddef>
#include <expected>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/core.h>

#include "llm/answer_reading.h"
#include "llm/model_failure.h"
#include "llm/provider.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// A string, or a list of parts of which the text ones count.
std::string content_text(const json::value* content) {
  if (content == nullptr) return {};
  if (content->is_string()) return std::string(content->get_string());
  if (content->is_object()) return text_of(*content, "text");
  std::string text;
  if (const auto* parts = content->if_array()) {
    for (const json::value& part : *parts) {
      text += part.is_string() ? std::string(part.get_string()) : text_of(part, "text");
    }
  }
  return text;
}

// Text as the protocol has it; an object from servers that know better; nothing for no arguments.
std::string argument_text(const json::value* arguments) {
  if (arguments == nullptr) return "{}";
  if (!arguments->is_string()) return json::serialize(*arguments);
  return arguments->get_string().empty() ? "{}" : std::string(arguments->get_string());
}

// The calls of `message`. One without an id, or with another's, gets one, also in the message:
// results are matched by it.
std::vector<ToolCall> take_calls(json::object& message) {
  std::vector<ToolCall> calls;
  std::set<std::string> ids;
  auto* const listed = message.if_contains("tool_calls");
  if (listed == nullptr || !listed->is_array()) return calls;
  for (json::value& item : listed->get_array()) {
    const auto* const function = member_of(item, "function");
    if (function == nullptr) continue;
    ToolCall call{.id = text_of(item, "id"),
                  .name = text_of(*function, "name"),
                  .arguments = argument_text(member_of(*function, "arguments"))};
    for (std::size_t n = calls.size() + 1; call.id.empty() || ids.contains(call.id); ++n) {
      call.id = fmt::format("call_{}", n);
    }
    ids.insert(call.id);
    // Last: operator[] may move all members, even for a key that exists, and `function` with them.
    item.get_object()["id"] = call.id;
    calls.push_back(std::move(call));
  }
  return calls;
}

// Whether the last call of a message that was cut off is whole; arguments that have not begun are
// not.
bool has_whole_arguments(const json::value& message) {
  const auto* const calls = member_of(message, "tool_calls");
  if (calls == nullptr || !calls->is_array() || calls->get_array().empty()) return false;
  const auto* const function = member_of(calls->get_array().back(), "function");
  const auto* const arguments = function == nullptr ? nullptr : member_of(*function, "arguments");
  if (arguments == nullptr) return false;
  return arguments->is_object() ||
         (arguments->is_string() && is_json_object(arguments->get_string()));
}

StopReason stop_reason(std::string_view finish, const ModelAnswer& answer, bool refused) {
  if (!answer.calls.empty()) return StopReason::tool_calls;
  if (refused) return StopReason::refused;
  if (finish == "length") return StopReason::length;
  if (finish == "content_filter") return StopReason::filtered;
  return StopReason::done;
}

TokenUsage read_usage(const json::value* usage) {
  if (usage == nullptr) return {};
  return {
      .input = count_of(usage, "prompt_tokens"),
      .cached_input = count_of(member_of(*usage, "prompt_tokens_details"), "cached_tokens"),
      .output = count_of(usage, "completion_tokens"),
      .reasoning = count_of(member_of(*usage, "completion_tokens_details"), "reasoning_tokens")};
}

ModelAnswer read_choice(const json::value& choice, json::object message) {
  ModelAnswer answer;
  const std::string finish = text_of(choice, "finish_reason");
  answer.calls = take_calls(message);
  const json::value whole(std::move(message));
  answer.verbatim = json::serialize(whole);
  const bool ends_early = finish == "length" || finish == "content_filter";
  if (ends_early && !answer.calls.empty() && !has_whole_arguments(whole)) {
    // A half-written call must not run, and a message with calls needs a result for each.
    answer.calls.clear();
    answer.verbatim.clear();
  }
  answer.text = content_text(member_of(whole, "content"));
  answer.reasoning = text_of(whole, "reasoning_content");
  if (answer.reasoning.empty()) answer.reasoning = text_of(whole, "reasoning");
  const std::string refusal = text_of(whole, "refusal");
  if (answer.text.empty()) answer.text = refusal;
  answer.stop = stop_reason(finish, answer, !refusal.empty());
  return answer;
}

}  // namespace

std::expected<ModelAnswer, Failure> read_openai_answer(std::string_view body) {
  boost::system::error_code error;
  const json::value reply = json::parse(body, error);
  if (error || !reply.is_object()) return bad_answer("answered with something other than JSON");
  if (member_of(reply, "error") != nullptr) return std::unexpected(failure_in_answer(reply));
  const auto* const choices = member_of(reply, "choices");
  if (choices == nullptr || !choices->is_array() || choices->get_array().empty()) {
    return bad_answer("answered without a choice");
  }
  const json::value& choice = choices->get_array().front();
  if (member_of(choice, "error") != nullptr) return std::unexpected(failure_in_answer(choice));
  const auto* const message = member_of(choice, "message");
  if (message == nullptr || !message->is_object()) return bad_answer("answered without a message");
  ModelAnswer answer = read_choice(choice, message->get_object());
  answer.usage = read_usage(member_of(reply, "usage"));
  answer.model = text_of(reply, "model");
  answer.request_id = text_of(reply, "id");
  return answer;
}

}  // namespace bellpull
