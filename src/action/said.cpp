#include "action/said.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include "action/word_match.h"
#include "base/json.h"
#include "base/time.h"
#include "domain/conversation.h"
#include "domain/transcript.h"

namespace bellpull {

namespace json = boost::json;

namespace {

std::string text_at(const json::value& value, std::string_view pointer) {
  boost::system::error_code missing;
  const json::value* const found = value.find_pointer(pointer, missing);
  return found != nullptr && found->is_string() ? std::string{found->get_string()} : std::string{};
}

// An event is shown as the result of the call that reads it.
std::string event_body(const Message& message) {
  const json::value meta = parse_stored(message.meta);
  if (text_at(meta, "/activity/function/name") != incoming_event_function) return {};
  return text_at(meta, "/activity/function/result/body");
}

}  // namespace

std::optional<Said> said_in(const Message& message) {
  Said said{.message = message.id, .text = message.text, .at = message.created_at};
  if (message.type == MessageType::user) {
    said.by = "user";
  } else if (message.type == MessageType::bot) {
    said.by = "bot";
  } else if (message.type == MessageType::activity) {
    said.by = "event";
    said.text = event_body(message);
  }
  if (said.by.empty() || said.text.empty()) return std::nullopt;
  return said;
}

json::object shown(const Said& said, std::size_t bytes) {
  return {{"id", said.message.text()},
          {"type", said.by},
          {"text", cut_short(said.text, bytes)},
          {"createdAt", to_iso(said.at)}};
}

}  // namespace bellpull
