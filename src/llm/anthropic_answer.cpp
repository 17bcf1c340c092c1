#include "llm/anthropic_answer.h"

#include <cstddef>
#include <expected>
#include <set>
#include <string>
#include <string_view>
#include <utility>

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

// A call without an id, or with another's, gets one, also in the block: results are matched by it.
void take_call(json::value& block, std::set<std::string>& ids, ModelAnswer& answer) {
  const auto* const input = member_of(block, "input");
  ToolCall call{.id = text_of(block, "id"), .name = text_of(block, "name"), .arguments = "{}"};
  if (input != nullptr) {
    call.arguments =
        input->is_string() ? std::string(input->get_string()) : json::serialize(*input);
  }
  for (std::size_t n = answer.calls.size() + 1; call.id.empty() || ids.contains(call.id); ++n) {
    call.id = fmt::format("call_{}", n);
  }
  ids.insert(call.id);
  block.get_object()["id"] = call.id;
  answer.calls.push_back(std::move(call));
}

void take_blocks(json::array& content, ModelAnswer& answer) {
  std::set<std::string> ids;
  for (json::value& block : content) {
    const std::string type = text_of(block, "type");
    if (type == "text") answer.text += text_of(block, "text");
    if (type == "thinking") answer.reasoning += text_of(block, "thinking");
    if (type == "tool_use") take_call(block, ids, answer);
  }
}

bool ends_early(std::string_view reason) {
  return reason == "max_tokens" || reason == "model_context_window_exceeded";
}

StopReason stop_reason(std::string_view reason, const ModelAnswer& answer) {
  if (!answer.calls.empty()) return StopReason::tool_calls;
  if (ends_early(reason)) return StopReason::length;
  return reason == "refusal" ? StopReason::refused : StopReason::done;
}

// What came from the cache, and what went into it, is no part of `input_tokens`.
TokenUsage read_usage(const json::value* usage) {
  const auto cached = count_of(usage, "cache_read_input_tokens");
  return {.input = count_of(usage, "input_tokens") + cached +
                   count_of(usage, "cache_creation_input_tokens"),
          .cached_input = cached,
          .output = count_of(usage, "output_tokens")};
}

}  // namespace

std::expected<ModelAnswer, Failure> read_anthropic_answer(std::string_view body) {
  boost::system::error_code error;
  const json::value reply = json::parse(body, error);
  if (error || !reply.is_object()) return bad_answer("answered with something other than JSON");
  if (member_of(reply, "error") != nullptr) return std::unexpected(failure_in_answer(reply));
  const auto* const content = member_of(reply, "content");
  if (content == nullptr || !content->is_array()) return bad_answer("answered without content");
  ModelAnswer answer;
  json::array blocks = content->get_array();
  take_blocks(blocks, answer);
  const std::string reason = text_of(reply, "stop_reason");
  const bool is_cut = (ends_early(reason) || reason == "refusal") && !blocks.empty() &&
                      text_of(blocks.back(), "type") == "tool_use";
  if (is_cut) {
    // A half-written call must not run, and content with calls needs a result for each.
    answer.calls.clear();
  } else if (!blocks.empty()) {
    const json::object message{{"role", "assistant"}, {"content", std::move(blocks)}};
    answer.verbatim = json::serialize(message);
  }
  answer.stop = stop_reason(reason, answer);
  answer.usage = read_usage(member_of(reply, "usage"));
  answer.model = text_of(reply, "model");
  answer.request_id = text_of(reply, "id");
  return answer;
}

}  // namespace bellpull
