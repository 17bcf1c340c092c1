#include "llm/openai_stream.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
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
#include "llm/model_failure.h"
#include "llm/openai_answer.h"
#include "llm/provider.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t max_calls = 512;

// Texts that come in pieces; any other is said whole, and may be said again.
constexpr auto pieced = std::to_array<std::string_view>(
    {"content", "refusal", "reasoning", "reasoning_content", "arguments", "text", "thinking"});

bool is_pieced(std::string_view name) { return std::ranges::find(pieced, name) != pieced.end(); }

void merge(json::object& into, const json::object& delta);

void merge_value(json::object& into, std::string_view name, const json::value& piece) {
  json::value& kept = into[name];
  if (piece.is_null()) return;
  if (kept.is_string() && piece.is_string() && is_pieced(name)) {
    kept.get_string().append(piece.get_string());
  } else if (kept.is_object() && piece.is_object()) {
    merge(kept.get_object(), piece.get_object());
  } else if (kept.is_array() && piece.is_array() && name == "reasoning_details") {
    for (const json::value& item : piece.get_array()) kept.get_array().push_back(item);
  } else if (!kept.is_string() || !piece.is_string() || !piece.get_string().empty()) {
    kept = piece;
  }
}

void merge(json::object& into, const json::object& delta) {
  for (const auto& [name, piece] : delta) merge_value(into, name, piece);
}

}  // namespace

std::string OpenAiStream::take(const StreamEvent& event) {
  if (event.data == "[DONE]") {
    is_done_ = true;
    return {};
  }
  boost::system::error_code error;
  const json::value chunk = json::parse(event.data, error);
  if (error || !chunk.is_object()) {
    failure_ = bad_answer("sent an event that is not JSON").error();
    return {};
  }
  if (member_of(chunk, "error") != nullptr) {
    failure_ = failure_in_answer(chunk);
    return {};
  }
  std::string text;
  for (const auto& [name, value] : chunk.get_object()) {
    if (name == "choices") continue;
    if (!value.is_null()) reply_[name] = value;
  }
  const auto* const choices = member_of(chunk, "choices");
  if (choices == nullptr || !choices->is_array()) return text;
  for (const json::value& choice : choices->get_array()) {
    if (choice.is_object()) text += take_choice(choice.get_object());
  }
  return text;
}

// The call that a piece belongs to; a new one at the end. Servers leave the index out, begin to
// count at one, or give every call the same: then another id with a name begins another call.
std::size_t OpenAiStream::place_of(const json::array& calls, const json::object& piece) {
  const auto* const given = piece.if_contains("index");
  const bool has_index = given != nullptr && given->is_int64();
  const std::int64_t index = has_index ? given->get_int64() : -1;
  const std::string id = text_of(piece, "id");
  const auto* const function = member_of(piece, "function");
  const bool begins = !id.empty() && function != nullptr && !text_of(*function, "name").empty();
  for (std::size_t i = calls.size(); i-- > 0;) {
    const std::string known = text_of(calls[i], "id");
    if (has_index ? indexes_[i] != index : !id.empty() && known != id) continue;
    if (begins && !known.empty() && known != id) break;
    return i;
  }
  indexes_.push_back(index);
  return calls.size();
}

void OpenAiStream::merge_calls(const json::array& pieces) {
  json::value& kept = message_["tool_calls"];
  if (!kept.is_array()) kept.emplace_array();
  json::array& calls = kept.get_array();
  for (const json::value& piece : pieces) {
    if (!piece.is_object()) continue;
    const std::size_t place = place_of(calls, piece.get_object());
    if (place == max_calls) {
      failure_ = bad_answer("made more calls than can be taken").error();
      return;
    }
    if (place == calls.size()) calls.emplace_back(json::object{});
    json::object& call = calls[place].get_object();
    merge(call, piece.get_object());
    call.erase("index");
  }
}

void OpenAiStream::merge_delta(const json::object& delta) {
  for (const auto& [name, piece] : delta) {
    if (name == "tool_calls" && piece.is_array()) {
      merge_calls(piece.get_array());
    } else {
      merge_value(message_, name, piece);
    }
  }
}

// There is one choice: no other is asked for.
std::string OpenAiStream::take_choice(const json::object& choice) {
  if (member_of(choice, "error") != nullptr) {
    failure_ = failure_in_answer(choice);
    return {};
  }
  const auto* const index = choice.if_contains("index");
  if (index != nullptr && index->is_int64() && index->get_int64() != 0) return {};
  if (std::string reason = text_of(choice, "finish_reason"); !reason.empty()) {
    finish_reason_ = std::move(reason);
  }
  const auto* const delta = member_of(choice, "delta");
  if (delta == nullptr || !delta->is_object()) return {};
  merge_delta(delta->get_object());
  return text_of(*delta, "content");
}

std::expected<ModelAnswer, Failure> OpenAiStream::answer() const {
  if (failure_) return std::unexpected(*failure_);
  if (finish_reason_.empty()) return bad_answer("ended its stream before the answer");
  json::object reply = reply_;
  json::object message = message_;
  message["role"] = "assistant";
  if (!message.contains("content")) message["content"] = nullptr;
  reply["choices"] =
      json::array{json::object{{"finish_reason", finish_reason_}, {"message", std::move(message)}}};
  return read_openai_answer(json::serialize(reply));
}

}  // namespace bellpull
