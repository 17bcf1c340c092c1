// A model behind OpenAI's Chat Completions, not streamed.
//
// Tries a request up to three times by itself, when another try can help and its wait is short;
// what needs more patience goes back to the queue with its not-before time. A repeated request may
// be billed twice but changes nothing else.
//
// Lifetime: outlives every call. Threads: the worker's executor only.
#pragma once

#include <expected>
#include <string>

#include "base/random.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/http_call.h"
#include "egress/http_client.h"
#include "egress/redaction.h"
#include "llm/openai_settings.h"
#include "llm/provider.h"

namespace bellpull {

class OpenAiProvider final : public Provider {
 public:
  OpenAiProvider(OpenAiSettings settings, HttpClient& client, const Clock& clock, Random& random);

  Task<std::expected<ModelAnswer, Failure>> complete(ModelRequest request) override;

 private:
  HttpCall call_for(std::string body) const;
  std::expected<ModelAnswer, Failure> read(std::expected<HttpReply, HttpFailure> reply) const;
  Duration pause_after(unsigned tried) const;

  const OpenAiSettings settings_;
  const Redactor redact_;
  HttpClient& client_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace bellpull
