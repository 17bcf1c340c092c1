#include "llm/anthropic_request.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/result.h"
#include "llm/anthropic_messages.h"
#include "llm/anthropic_settings.h"
#include "llm/model_options.h"
#include "llm/provider.h"

namespace bellpull {

namespace json = boost::json;

namespace {

const json::object& cached_to_here() {
  static const json::object mark{{"type", "ephemeral"}};
  return mark;
}

std::string system_text(const ModelRequest& request) {
  std::string text;
  for (const Turn& turn : request.turns) {
    if (turn.role != Role::system || turn.text.empty()) continue;
    if (!text.empty()) text += "\n\n";
    text += turn.text;
  }
  return text;
}

json::array tools_of(const ModelRequest& request) {
  json::array tools;
  for (const ToolDefinition& tool : request.tools) {
    json::object schema = tool.parameters;
    schema["type"] = "object";
    tools.push_back({{"name", tool.name},
                     {"description", tool.description},
                     {"input_schema", std::move(schema)}});
  }
  return tools;
}

// `reasoningEffort` low to max lets the model think as it needs, `none` not at all. Thinking of a
// fixed budget would need a thought before each call that the runtime makes in the model's name.
void add_thinking(const ModelOptions& options, json::object& body) {
  const auto effort = options.word("reasoningEffort");
  if (!effort) return;
  if (*effort == "none") {
    body["thinking"] = {{"type", "disabled"}};
    return;
  }
  body["thinking"] = {{"type", "adaptive"}};
  body["output_config"] = {{"effort", *effort}};
}

Result<void> add_options(const ModelRequest& request, const AnthropicSettings& settings,
                         json::object& body) {
  const ModelOptions options{request.options};
  const auto tokens = options.whole("maxTokens");
  if (!tokens) return std::unexpected(tokens.error());
  const std::int64_t max_tokens = tokens->value_or(settings.max_tokens);
  if (max_tokens < 1) {
    return fail(ErrorCode::invalid, "The model's option maxTokens must be at least 1");
  }
  body["max_tokens"] = max_tokens;
  const auto temperature = options.real("temperature");
  if (!temperature) return std::unexpected(temperature.error());
  if (const auto& value = *temperature; value) body["temperature"] = *value;
  const auto top_p = options.real("topP");
  if (!top_p) return std::unexpected(top_p.error());
  if (const auto& value = *top_p; value) body["top_p"] = *value;
  add_thinking(options, body);
  return {};
}

}  // namespace

Result<std::string> anthropic_request_body(const ModelRequest& request,
                                           const AnthropicSettings& settings) {
  json::object body{{"model", request.model}};
  if (auto added = add_options(request, settings, body); !added) {
    return std::unexpected(added.error());
  }
  if (json::array tools = tools_of(request); !tools.empty()) body["tools"] = std::move(tools);
  if (const std::string text = system_text(request); !text.empty()) {
    const json::object block{{"type", "text"}, {"text", text}, {"cache_control", cached_to_here()}};
    body["system"] = json::array{block};
  }
  json::array messages = anthropic_messages(request.turns);
  if (messages.empty()) return fail(ErrorCode::invalid, "There is nothing to answer");
  json::object& last = messages.back().at("content").get_array().back().get_object();
  last["cache_control"] = cached_to_here();
  body["messages"] = std::move(messages);
  if (settings.connection.streams) body["stream"] = true;
  return json::serialize(body);
}

}  // namespace bellpull
