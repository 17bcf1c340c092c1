// One connection to a server that speaks OpenAI's Chat Completions: OpenAI itself, Ollama, vLLM,
// llama.cpp, OpenRouter, gateways. What they differ in is a setting, not a class.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "egress/allow_list.h"
#include "egress/http_call.h"

namespace bellpull {

struct OpenAiSettings {
  std::string name = "openai";               // for messages to people
  std::string base_url;                      // "https://api.openai.com/v1"
  std::string api_key;                       // empty: none is sent
  std::string key_header = "Authorization";  // "api-key" for Azure-like gateways
  std::string key_prefix = "Bearer ";        // "" for those
  std::vector<HttpField> extra_headers;      // their values count as secrets
  std::vector<std::pair<std::string, std::string>> extra_query;
  std::string system_role = "system";           // "developer" for OpenAI's reasoning models
  std::string max_tokens_field = "max_tokens";  // "max_completion_tokens" for OpenAI
  std::optional<bool> parallel_tool_calls;      // sent only when set: some servers refuse it
  Duration connect_timeout = std::chrono::seconds{10};
  Duration timeout = std::chrono::seconds{120};  // of one try
  // When the operator configured the base URL, which may then be on an inside address.
  std::optional<Allowance> allowance;
};

}  // namespace bellpull
