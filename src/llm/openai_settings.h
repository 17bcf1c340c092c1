// What servers that speak OpenAI's Chat Completions differ in: OpenAI itself, Ollama, vLLM,
// llama.cpp, OpenRouter, gateways. It is a setting, not a class.
#pragma once

#include <optional>
#include <string>

#include "llm/model_connection.h"

namespace bellpull {

struct OpenAiSettings {
  ConnectionSettings connection;
  std::string system_role = "system";           // "developer" for OpenAI's reasoning models
  std::string max_tokens_field = "max_tokens";  // "max_completion_tokens" for OpenAI
  std::optional<bool> parallel_tool_calls;      // sent only when set: some servers refuse it
};

}  // namespace bellpull
