// A provider that the operator declared: one connection, and the language that is spoken on it.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "llm/anthropic_settings.h"
#include "llm/openai_settings.h"

namespace bellpull {

struct ProviderSettings {
  std::string name;  // bots name its models "NAME/model"
  std::variant<OpenAiSettings, AnthropicSettings> language;
  std::vector<std::string> models;  // that the list of models names; bots may name any
  // Model strings of other providers, which are asked in that order when this one can't answer.
  std::vector<std::string> fallbacks;
};

}  // namespace bellpull
