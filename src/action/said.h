// What somebody said in a conversation, as an action shows it to a model.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/time.h"
#include "domain/conversation.h"
#include "domain/ids.h"

namespace bellpull {

struct Said {
  MessageId message;
  std::string_view by;  // "user", "bot" or "event"
  std::string text;
  TimePoint at;
};

// Nothing for a message that says nothing: instructions, reasoning, calls of functions.
std::optional<Said> said_in(const Message& message);

// With no more than `bytes` of its text.
boost::json::object shown(const Said& said, std::size_t bytes);

}  // namespace bellpull
