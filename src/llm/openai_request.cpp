#include "llm/openai_request.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <expected>
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
#include <fmt/core.h>

#include "base/result.h"
#include "llm/answer_reading.h"
#include "llm/model_options.h"
#include "llm/openai_settings.h"
#include "llm/provider.h"

namespace bellpull {

namespace json = boost::json;

namespace {

enum class OptionKind : std::uint8_t { number, word };

struct Option {
  std::string_view in_model_string;
  std::string_view on_the_wire;
  OptionKind kind;
};

constexpr auto options = std::to_array<Option>({
    {"temperature", "temperature", OptionKind::number},
    {"topP", "top_p", OptionKind::number},
    {"frequencyPenalty", "frequency_penalty", OptionKind::number},
    {"presencePenalty", "presence_penalty", OptionKind::number},
    {"seed", "seed", OptionKind::number},
    {"reasoningEffort", "reasoning_effort", OptionKind::word},
    {"verbosity", "verbosity", OptionKind::word},
});

std::string quoted(std::string_view text) { return json::serialize(json::string(text)); }

json::value parsed(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  return error ? json::value() : value;
}

bool has_sound_arguments(const ToolCall& call) { return is_json_object(call.arguments); }

bool is_openai_part(const json::value& part) {
  const std::string type = text_of(part, "type");
  return type == "text" || type == "refusal";
}

// The server's own message, unless it comes from a provider of another form, or holds arguments
// that no server would parse.
bool is_ours(const Turn& turn) {
  if (turn.verbatim.empty() || !std::ranges::all_of(turn.calls, has_sound_arguments)) return false;
  const json::value message = parsed(turn.verbatim);
  const auto* const object = message.if_object();
  if (object == nullptr) return false;
  const auto* const content = member_of(*object, "content");
  if (content != nullptr && content->is_array() &&
      !std::ranges::all_of(content->get_array(), is_openai_part)) {
    return false;
  }
  const auto* const role = object->if_contains("role");
  const auto* const calls = object->if_contains("tool_calls");
  const bool has_calls = calls != nullptr && calls->is_array() && !calls->get_array().empty();
  return role != nullptr && *role == "assistant" && has_calls == !turn.calls.empty();
}

std::string assistant_message(const Turn& turn) {
  if (is_ours(turn)) return turn.verbatim;
  json::object message{{"role", "assistant"}};
  message["content"] =
      turn.text.empty() && !turn.calls.empty() ? json::value() : json::value(turn.text);
  json::array calls;
  for (const ToolCall& call : turn.calls) {
    // Servers parse what they are sent back; a model's broken JSON would fail every later request.
    const bool valid = has_sound_arguments(call);
    calls.push_back(
        {{"id", call.id},
         {"type", "function"},
         {"function", {{"name", call.name}, {"arguments", valid ? call.arguments : "{}"}}}});
  }
  if (!calls.empty()) message["tool_calls"] = std::move(calls);
  return json::serialize(message);
}

std::string message_of(const Turn& turn, const OpenAiSettings& settings) {
  const std::string text = quoted(turn.text);
  switch (turn.role) {
    case Role::system:
      return fmt::format(R"({{"role":{},"content":{}}})", quoted(settings.system_role), text);
    case Role::user:
      return fmt::format(R"({{"role":"user","content":{}}})", text);
    case Role::tool:
      return fmt::format(R"({{"role":"tool","tool_call_id":{},"content":{}}})",
                         quoted(turn.call_id), text);
    case Role::assistant:
      break;
  }
  return assistant_message(turn);
}

json::array tools_of(const ModelRequest& request) {
  json::array tools;
  for (const ToolDefinition& tool : request.tools) {
    tools.push_back({{"type", "function"},
                     {"function",
                      {{"name", tool.name},
                       {"description", tool.description},
                       {"parameters", tool.parameters}}}});
  }
  return tools;
}

// Appends `,"name":value` for each option that the server knows; what else stands in a model string
// is for other parts of the system.
Result<void> append_options(const ModelRequest& request, const OpenAiSettings& settings,
                            std::string& body) {
  const ModelOptions given{request.options};
  const auto append = [&](std::string_view key, std::string_view name) -> Result<void> {
    const auto text = given.number(key);
    if (!text) return std::unexpected(text.error());
    if (*text) body += fmt::format(",{}:{}", quoted(name), **text);
    return {};
  };
  for (const Option& option : options) {
    if (option.kind == OptionKind::number) {
      if (auto done = append(option.in_model_string, option.on_the_wire); !done) return done;
    } else if (const auto word = given.word(option.in_model_string)) {
      body += fmt::format(",{}:{}", quoted(option.on_the_wire), quoted(*word));
    }
  }
  return append("maxTokens", settings.max_tokens_field);
}

}  // namespace

Result<std::string> openai_request_body(const ModelRequest& request,
                                        const OpenAiSettings& settings) {
  std::string body = fmt::format(R"({{"model":{},"messages":[)", quoted(request.model));
  for (const Turn& turn : request.turns) {
    if (&turn != &request.turns.front()) body += ',';
    body += message_of(turn, settings);
  }
  body += ']';
  if (settings.connection.streams) {
    body += R"(,"stream":true,"stream_options":{"include_usage":true})";
  }
  if (!request.tools.empty()) {
    body += R"(,"tools":)" + json::serialize(tools_of(request));
    if (settings.parallel_tool_calls) {
      body += fmt::format(R"(,"parallel_tool_calls":{})", *settings.parallel_tool_calls);
    }
  }
  if (auto appended = append_options(request, settings, body); !appended) {
    return std::unexpected(std::move(appended.error()));
  }
  body += '}';
  return body;
}

}  // namespace bellpull
