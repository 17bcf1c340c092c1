// A server that speaks Anthropic's Messages: Anthropic itself, and gateways to it.
#pragma once

#include <cstdint>

#include "llm/model_connection.h"

namespace bellpull {

struct AnthropicSettings {
  ConnectionSettings connection;   // key_header "x-api-key" and key_prefix "" for Anthropic itself
  std::int64_t max_tokens = 8192;  // of an answer, where the model string has no maxTokens
};

}  // namespace bellpull
