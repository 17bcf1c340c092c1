#include "agent/history.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/json.h"
#include "domain/conversation.h"
#include "llm/provider.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// An activity message, read.
struct Activity {
  bool is_request = false;
  std::string pairing;  // equal in a request and its response
  std::string function;
  std::string arguments;
  std::string result;
};

std::string text_of(const json::value* value) {
  if (value == nullptr) return {};
  return value->is_string() ? std::string{value->get_string()} : json::serialize(*value);
}

// Nothing for what is no call: a malformed one, or a wish for one ("trigger").
std::optional<Activity> read_activity(const Message& message) {
  const json::object meta = parse_stored(message.meta);
  const json::value* activity = meta.if_contains("activity");
  if (activity == nullptr || !activity->is_object()) return std::nullopt;
  const json::object& members = activity->get_object();
  const json::value* function = members.if_contains("function");
  if (function == nullptr || !function->is_object()) return std::nullopt;

  const std::string type = text_of(members.if_contains("type"));
  if (type != "request" && type != "response") return std::nullopt;
  const json::object& call = function->get_object();
  const json::value* arguments = call.if_contains("arguments");
  Activity read{.is_request = type == "request",
                .function = text_of(call.if_contains("name")),
                .arguments = arguments != nullptr && arguments->is_object()
                                 ? json::serialize(*arguments)
                                 : std::string{"{}"},
                .result = text_of(call.if_contains("result"))};
  const std::string id = text_of(members.if_contains("id"));
  read.pairing = id.empty() ? read.function + '\n' + read.arguments : '#' + id;
  return read;
}

// Writes turns so that the results of an assistant turn follow it at once.
class TurnWriter {
 public:
  explicit TurnWriter(std::vector<Turn>& turns) : turns_(turns) {}

  void say(Role role, const std::string& text) {
    answer_calls();
    if (!text.empty()) turns_.push_back({.role = role, .text = text});
  }

  // `result`: nothing when none was recorded.
  void call(const Activity& request, std::optional<std::string> result) {
    if (results_.empty()) {
      // A text just before its calls is of the same answer.
      const bool joins = !turns_.empty() && turns_.back().role == Role::assistant;
      if (!joins) turns_.push_back({.role = Role::assistant});
    }
    const std::string id = "h" + std::to_string(++calls_);
    turns_.back().calls.push_back(
        {.id = id, .name = request.function, .arguments = request.arguments});
    results_.push_back(
        {.role = Role::tool,
         .text = std::move(result).value_or("(no result was recorded: the call was cut off)"),
         .call_id = id,
         .tool_name = request.function});
  }

  // A response ends the group of calls that one answer made.
  void answer_calls() {
    for (Turn& result : results_) turns_.push_back(std::move(result));
    results_.clear();
  }

 private:
  std::vector<Turn>& turns_;
  std::vector<Turn> results_;
  std::size_t calls_ = 0;
};

// For every request, its response: the first one after it that pairs and is not taken.
std::vector<std::optional<std::string>> pair_up(
    std::span<const Message> messages, const std::vector<std::optional<Activity>>& activities) {
  std::vector<std::optional<std::string>> results(activities.size());
  std::unordered_map<std::string, std::vector<std::size_t>> waiting;
  for (std::size_t i = 0; i < activities.size(); ++i) {
    // Models number their calls anew in every run.
    if (messages[i].type == MessageType::instruction) waiting.clear();
    const std::optional<Activity>& activity = activities[i];
    if (!activity) continue;
    auto& requests = waiting[activity->pairing];
    if (activity->is_request) {
      requests.push_back(i);
    } else if (!requests.empty()) {
      results[requests.front()] = activity->result;
      requests.erase(requests.begin());
    }
  }
  return results;
}

std::vector<Turn> turns_of(std::span<const Message> messages) {
  std::vector<std::optional<Activity>> activities;
  activities.reserve(messages.size());
  for (const Message& message : messages) {
    activities.push_back(message.type == MessageType::activity ? read_activity(message)
                                                               : std::nullopt);
  }
  auto results = pair_up(messages, activities);

  std::vector<Turn> turns;
  TurnWriter writer{turns};
  for (std::size_t i = 0; i < messages.size(); ++i) {
    switch (messages[i].type) {
      case MessageType::user:
      case MessageType::context:
      case MessageType::instruction:
      case MessageType::checkpoint:
        writer.say(Role::user, messages[i].text);
        break;
      case MessageType::bot:
        writer.say(Role::assistant, messages[i].text);
        break;
      case MessageType::activity:
        if (const auto& activity = activities[i]; activity && activity->is_request) {
          writer.call(*activity, std::move(results[i]));
        } else {
          writer.answer_calls();
        }
        break;
      // What a model thought is not said again, and backstories are the system's.
      case MessageType::reasoning:
      case MessageType::backstory:
        break;
    }
  }
  writer.answer_calls();
  return turns;
}

std::size_t size_of(const Message& message) { return message.text.size() + message.meta.size(); }

// Where the next run begins, at or after `from`.
std::size_t next_run(std::span<const Message> messages, std::size_t from) {
  while (from < messages.size() && messages[from].type != MessageType::instruction) ++from;
  return from;
}

}  // namespace

History history_of(std::span<const Message> messages, Reach reach, std::size_t bytes) {
  History history;
  std::size_t begin = 0;
  std::size_t size = 0;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].type == MessageType::backstory) history.backstory = messages[i].text;
    if (messages[i].type == MessageType::checkpoint) {
      begin = i;
      size = 0;
      reach = Reach::whole;
    }
    size += size_of(messages[i]);
  }
  const auto drop_to = [&](std::size_t end) {
    for (; begin < end; ++begin) size -= size_of(messages[begin]);
  };
  if (reach == Reach::cut) drop_to(next_run(messages, begin));
  while (size > bytes && begin < messages.size()) drop_to(next_run(messages, begin + 1));
  history.turns = turns_of(messages.subspan(begin));
  return history;
}

}  // namespace bellpull
