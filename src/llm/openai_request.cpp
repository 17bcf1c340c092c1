#include "llm/openai_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <system_error>
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

bool is_number(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  return error == std::errc{} && end == text.data() + text.size() && text.front() != '.' &&
         text.back() != '.' && !text.contains('n');
}

std::string quoted(std::string_view text) { return json::serialize(json::string(text)); }

json::value parsed(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  return error ? json::value() : value;
}

bool has_sound_arguments(const ToolCall& call) { return parsed(call.arguments).is_object(); }

// The server's own message, unless it comes from a provider of another form, or holds arguments
// that no server would parse.
bool is_ours(const Turn& turn) {
  if (turn.verbatim.empty() || !std::ranges::all_of(turn.calls, has_sound_arguments)) return false;
  const json::value message = parsed(turn.verbatim);
  const auto* const object = message.if_object();
  if (object == nullptr) return false;
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
  const auto append = [&](std::string_view key, std::string_view name,
                          OptionKind kind) -> Result<void> {
    const auto* const value = request.options.if_contains(key);
    if (value == nullptr) return {};
    const std::string text =
        value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
    if (text.empty() || text == "auto") return {};
    if (kind == OptionKind::number && !is_number(text)) {
      return fail(ErrorCode::invalid,
                  fmt::format("The model's option {} must be a number", std::string_view(key)));
    }
    body += fmt::format(",{}:{}", quoted(name), kind == OptionKind::number ? text : quoted(text));
    return {};
  };
  for (const Option& option : options) {
    if (auto done = append(option.in_model_string, option.on_the_wire, option.kind); !done)
      return done;
  }
  return append("maxTokens", settings.max_tokens_field, OptionKind::number);
}

std::string percent_encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").contains(c);
    if (plain) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return result;
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

std::string openai_url(const OpenAiSettings& settings) {
  std::string url = settings.base_url;
  while (url.ends_with('/')) url.pop_back();
  url += "/chat/completions";
  char separator = '?';
  for (const auto& [name, value] : settings.extra_query) {
    url += fmt::format("{}{}={}", separator, percent_encoded(name), percent_encoded(value));
    separator = '&';
  }
  return url;
}

}  // namespace bellpull
