#include "llm/anthropic_provider.h"

#include <expected>
#include <memory>
#include <utility>

#include "base/random.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/http_call.h"
#include "egress/http_client.h"
#include "llm/anthropic_answer.h"
#include "llm/anthropic_request.h"
#include "llm/anthropic_settings.h"
#include "llm/anthropic_stream.h"
#include "llm/model_connection.h"
#include "llm/provider.h"

namespace bellpull {

AnthropicProvider::AnthropicProvider(AnthropicSettings settings, HttpClient& client,
                                     const Clock& clock, Random& random)
    : settings_(std::move(settings)), connection_(settings_.connection, client, clock, random) {}

Task<std::expected<ModelAnswer, Failure>> AnthropicProvider::complete(ModelRequest request) {
  auto body = anthropic_request_body(request, settings_);
  if (!body) co_return connection_.bad_request(body.error().message);
  ModelCall call{.path = "/v1/messages",
                 .headers = {{"anthropic-version", "2023-06-01"}},
                 .body = std::move(*body),
                 .deadline = request.deadline,
                 .follower = request.follower,
                 .stream = {},
                 .read = [](const HttpReply& reply) { return read_anthropic_answer(reply.body); }};
  if (connection_.streams()) {
    call.stream = [] { return std::make_unique<AnthropicStream>(); };
  }
  co_return co_await connection_.ask(std::move(call));
}

}  // namespace bellpull
