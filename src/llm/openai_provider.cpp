#include "llm/openai_provider.h"

#include <expected>
#include <memory>
#include <utility>

#include "base/random.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/http_call.h"
#include "egress/http_client.h"
#include "llm/model_connection.h"
#include "llm/openai_answer.h"
#include "llm/openai_request.h"
#include "llm/openai_settings.h"
#include "llm/openai_stream.h"
#include "llm/provider.h"

namespace bellpull {

OpenAiProvider::OpenAiProvider(OpenAiSettings settings, HttpClient& client, const Clock& clock,
                               Random& random)
    : settings_(std::move(settings)), connection_(settings_.connection, client, clock, random) {}

Task<std::expected<ModelAnswer, Failure>> OpenAiProvider::complete(ModelRequest request) {
  auto body = openai_request_body(request, settings_);
  if (!body) co_return connection_.bad_request(body.error().message);
  ModelCall call{.path = "/chat/completions",
                 .headers = {},
                 .body = std::move(*body),
                 .deadline = request.deadline,
                 .follower = request.follower,
                 .stream = {},
                 .read = [](const HttpReply& reply) { return read_openai_answer(reply.body); }};
  if (connection_.streams()) {
    call.stream = [] { return std::make_unique<OpenAiStream>(); };
  }
  co_return co_await connection_.ask(std::move(call));
}

}  // namespace bellpull
