#include "llm/anthropic_stream.h"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include "egress/event_stream.h"
#include "llm/answer_reading.h"
#include "llm/anthropic_answer.h"
#include "llm/model_failure.h"
#include "llm/provider.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t max_blocks = 1024;

void append(json::object& block, std::string_view name, std::string_view piece) {
  json::value& kept = block[name];
  if (!kept.is_string()) kept.emplace_string();
  kept.get_string().append(piece);
}

// Later counts replace earlier ones: they are of the whole message.
void merge_usage(json::object& message, const json::value* usage) {
  if (usage == nullptr || !usage->is_object()) return;
  json::value& kept = message["usage"];
  if (!kept.is_object()) kept.emplace_object();
  for (const auto& [name, count] : usage->get_object()) {
    if (!count.is_null()) kept.get_object()[name] = count;
  }
}

}  // namespace

void AnthropicStream::begin_block(const json::value& data) {
  const auto* const block = member_of(data, "content_block");
  if (block == nullptr || !block->is_object()) return;
  if (blocks_.size() >= max_blocks) {
    failure_ = bad_answer("sent more blocks than can be taken").error();
    return;
  }
  blocks_.push_back({.content = block->get_object()});
}

// Blocks follow each other, so that a delta is of the last one.
std::string AnthropicStream::add_delta(const json::value& data) {
  const auto* const delta = member_of(data, "delta");
  if (delta == nullptr || blocks_.empty()) return {};
  Block& block = blocks_.back();
  const std::string type = text_of(*delta, "type");
  if (type == "text_delta") {
    std::string text = text_of(*delta, "text");
    append(block.content, "text", text);
    return text;
  }
  if (type == "input_json_delta") block.input += text_of(*delta, "partial_json");
  if (type == "thinking_delta") append(block.content, "thinking", text_of(*delta, "thinking"));
  if (type == "signature_delta") append(block.content, "signature", text_of(*delta, "signature"));
  return {};
}

std::string AnthropicStream::take(const StreamEvent& event) {
  boost::system::error_code error;
  const json::value data = json::parse(event.data, error);
  if (error || !data.is_object()) {
    failure_ = bad_answer("sent an event that is not JSON").error();
    return {};
  }
  const std::string type = text_of(data, "type");
  if (type == "error") failure_ = failure_in_answer(data);
  if (type == "message_start") {
    const auto* const message = member_of(data, "message");
    if (message != nullptr && message->is_object()) message_ = message->get_object();
  }
  if (type == "content_block_start") begin_block(data);
  if (type == "content_block_delta") return add_delta(data);
  if (type == "message_delta") {
    merge_usage(message_, member_of(data, "usage"));
    if (const auto* const delta = member_of(data, "delta")) {
      message_["stop_reason"] = text_of(*delta, "stop_reason");
    }
  }
  if (type == "message_stop") is_done_ = true;
  return {};
}

std::expected<ModelAnswer, Failure> AnthropicStream::answer() const {
  if (failure_) return std::unexpected(*failure_);
  if (text_of(message_, "stop_reason").empty()) {
    return bad_answer("ended its stream before the answer");
  }
  json::object message = message_;
  json::array content;
  for (const Block& block : blocks_) {
    json::object whole = block.content;
    if (!block.input.empty()) {
      boost::system::error_code error;
      json::value input = json::parse(block.input, error);
      // What is no JSON is for the model to see, as the text that it is.
      whole["input"] = error ? json::value(block.input) : std::move(input);
    }
    content.push_back(std::move(whole));
  }
  message["content"] = std::move(content);
  return read_anthropic_answer(json::serialize(message));
}

}  // namespace bellpull
