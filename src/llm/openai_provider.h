// A model behind OpenAI's Chat Completions.
//
// Lifetime: outlives every call. Threads: the worker's executor only.
#pragma once

#include <expected>

#include "base/random.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/http_client.h"
#include "llm/model_connection.h"
#include "llm/openai_settings.h"
#include "llm/provider.h"

namespace bellpull {

class OpenAiProvider final : public Provider {
 public:
  OpenAiProvider(OpenAiSettings settings, HttpClient& client, const Clock& clock, Random& random);

  Task<std::expected<ModelAnswer, Failure>> complete(ModelRequest request) override;

 private:
  const OpenAiSettings settings_;
  ModelConnection connection_;
};

}  // namespace bellpull
