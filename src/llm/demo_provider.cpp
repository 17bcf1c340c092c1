#include "llm/demo_provider.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/core.h>

#include "base/task.h"
#include "llm/demo_arguments.h"
#include "llm/demo_event.h"
#include "llm/provider.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t shown_fields = 8;
constexpr std::size_t shown_bytes = 80;  // of one value

// At most `shown_bytes`, cut between characters.
std::string shortened(std::string_view text) {
  if (text.size() <= shown_bytes) return std::string(text);
  std::size_t end = shown_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

std::string as_text(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_double()) return fmt::format("{}", value.get_double());
  return json::serialize(value);
}

bool is_builtin(std::string_view function) { return function.starts_with('_'); }

// Where the current event stands among the turns: its `_getIncomingEvent` result, or the last thing
// a person said; nothing to read gives the end.
std::vector<Turn>::const_iterator find_event(const std::vector<Turn>& turns) {
  const auto newest = [&](auto wanted) {
    const auto found = std::find_if(turns.rbegin(), turns.rend(), wanted);
    return found == turns.rend() ? turns.end() : std::prev(found.base());
  };
  const auto event = newest([](const Turn& turn) {
    return turn.role == Role::tool && turn.tool_name == "_getIncomingEvent";
  });
  if (event != turns.end()) return event;
  return newest([](const Turn& turn) { return turn.role == Role::user; });
}

std::string describe(const DemoEvent& event) {
  if (event.fields().empty()) {
    const std::string text = shortened(event.text().get_string());
    return text.empty() ? "an event without a body" : fmt::format("the event \"{}\"", text);
  }
  std::string text = "the event with ";
  const std::size_t shown = std::min(event.fields().size(), shown_fields);
  for (std::size_t i = 0; i < shown; ++i) {
    const DemoField& field = event.fields()[i];
    if (i > 0) text += ", ";
    text += shortened(field.path);
    text += '=';
    text += shortened(as_text(*field.value));
  }
  if (event.fields().size() > shown)
    text += fmt::format(" and {} more", event.fields().size() - shown);
  return text;
}

// A tool's result in a few words.
std::string describe_outcome(const std::string& result) {
  boost::system::error_code error;
  const json::value parsed = json::parse(result, error);
  if (error) return shortened(result);
  const auto* const object = parsed.if_object();
  if (object == nullptr) return shortened(as_text(parsed));
  if (const auto* why = object->if_contains("error")) {
    return fmt::format("failed ({})", shortened(as_text(*why)));
  }
  if (const auto* status = object->if_contains("status")) {
    return fmt::format("status {}", shortened(as_text(*status)));
  }
  return shortened(result);
}

std::vector<ToolCall> calls_for(const DemoEvent& event, const std::vector<ToolDefinition>& tools) {
  std::vector<ToolCall> calls;
  for (const ToolDefinition& tool : tools) {
    if (is_builtin(tool.name)) continue;
    if (auto arguments = arguments_from(event, tool)) {
      calls.push_back(
          {fmt::format("demo_{}", calls.size() + 1), tool.name, json::serialize(*arguments)});
    }
  }
  return calls;
}

ModelAnswer calling(const DemoEvent& event, std::vector<ToolCall> calls) {
  ModelAnswer answer;
  answer.text = fmt::format("Demo model: read {}. Calling", describe(event));
  for (const ToolCall& call : calls) answer.text += " " + call.name;
  answer.text += '.';
  answer.calls = std::move(calls);
  answer.stop = StopReason::tool_calls;
  return answer;
}

ModelAnswer settling(const DemoEvent& event, const std::vector<const Turn*>& outcomes,
                     const std::vector<ToolDefinition>& tools) {
  ModelAnswer answer;
  answer.text = fmt::format("Demo model: handled {}.", describe(event));
  for (const Turn* outcome : outcomes) {
    answer.text += fmt::format(" {}: {}.", outcome->tool_name, describe_outcome(outcome->text));
  }
  if (outcomes.empty()) answer.text += " No ability could be called with its fields.";
  const bool settles = std::ranges::any_of(
      tools, [](const ToolDefinition& tool) { return tool.name == "_success"; });
  if (!settles) return answer;
  json::object arguments;
  arguments["reason"] =
      fmt::format("The demo model handled the event; abilities called: {}", outcomes.size());
  answer.calls.push_back({"demo_settle", "_success", json::serialize(arguments)});
  answer.stop = StopReason::tool_calls;
  return answer;
}

}  // namespace

ModelAnswer demo_answer(const ModelRequest& request) {
  const auto at = find_event(request.turns);
  const DemoEvent event(at == request.turns.end() ? std::string_view()
                                                  : std::string_view(at->text));
  std::vector<const Turn*> outcomes;
  for (auto turn = at; turn != request.turns.end(); ++turn) {
    if (turn->role == Role::tool && !is_builtin(turn->tool_name)) outcomes.push_back(&*turn);
  }
  ModelAnswer answer;
  auto calls = outcomes.empty() ? calls_for(event, request.tools) : std::vector<ToolCall>();
  answer =
      calls.empty() ? settling(event, outcomes, request.tools) : calling(event, std::move(calls));
  answer.model = "builtin/demo";
  return answer;
}

Task<std::expected<ModelAnswer, Failure>> DemoProvider::complete(ModelRequest request) {
  co_return demo_answer(request);
}

}  // namespace bellpull
