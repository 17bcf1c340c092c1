// A model behind Anthropic's Messages.
//
// Lifetime: outlives every call. Threads: the worker's executor only.
#pragma once

#include <expected>

#include "base/random.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/http_client.h"
#include "llm/anthropic_settings.h"
#include "llm/model_connection.h"
#include "llm/provider.h"

namespace bellpull {

class AnthropicProvider final : public Provider {
 public:
  AnthropicProvider(AnthropicSettings settings, HttpClient& client, const Clock& clock,
                    Random& random);

  Task<std::expected<ModelAnswer, Failure>> complete(ModelRequest request) override;

 private:
  const AnthropicSettings settings_;
  ModelConnection connection_;
};

}  // namespace bellpull
