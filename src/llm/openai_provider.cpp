#include "llm/openai_provider.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/random.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/http_call.h"
#include "egress/http_client.h"
#include "llm/openai_answer.h"
#include "llm/openai_failure.h"
#include "llm/openai_request.h"
#include "llm/openai_settings.h"
#include "llm/provider.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

constexpr std::size_t max_answer_bytes = 8 * std::size_t{1024} * 1024;
constexpr unsigned max_tries = 3;
constexpr Duration first_pause = std::chrono::milliseconds{500};  // doubles with each try
constexpr Duration longest_pause = std::chrono::seconds{8};
// A longer wait is the durable queue's: a worker that sleeps holds its place.
constexpr Duration longest_patience = std::chrono::seconds{60};

std::vector<std::string> secrets_of(const OpenAiSettings& settings) {
  std::vector<std::string> secrets = {settings.api_key};
  for (const HttpField& field : settings.extra_headers) secrets.push_back(field.value);
  for (const auto& [name, value] : settings.extra_query) secrets.push_back(value);
  return secrets;
}

}  // namespace

OpenAiProvider::OpenAiProvider(OpenAiSettings settings, HttpClient& client, const Clock& clock,
                               Random& random)
    : settings_(std::move(settings)),
      redact_(secrets_of(settings_)),
      client_(client),
      clock_(clock),
      random_(random) {}

HttpCall OpenAiProvider::call_for(std::string body) const {
  HttpCall call;
  call.method = "POST";
  call.url = openai_url(settings_);
  call.headers = settings_.extra_headers;
  call.headers.push_back({"Content-Type", "application/json"});
  call.headers.push_back({"Accept", "application/json"});
  if (!settings_.api_key.empty()) {
    call.headers.push_back({settings_.key_header, settings_.key_prefix + settings_.api_key});
  }
  call.body = std::move(body);
  call.connect_timeout = settings_.connect_timeout;
  call.response_limit = max_answer_bytes;
  call.max_redirects = 0;  // a key follows nobody
  call.resend = Resend::always;
  call.allowance = settings_.allowance;
  return call;
}

std::expected<ModelAnswer, Failure> OpenAiProvider::read(
    std::expected<HttpReply, HttpFailure> reply) const {
  std::expected<ModelAnswer, Failure> answer;
  if (!reply) {
    answer = std::unexpected(failure_of_transport(reply.error()));
  } else if (reply->status < 200 || reply->status > 299) {
    answer = std::unexpected(failure_of_status(*reply, clock_.now()));
  } else {
    answer = read_openai_answer(reply->body);
    const auto id = reply->header("x-request-id");
    if (answer && id) answer->request_id = *id;
  }
  if (!answer) answer.error().message = settings_.name + ": " + redact_(answer.error().message);
  return answer;
}

Duration OpenAiProvider::pause_after(unsigned tried) const {
  const Duration most = std::min(first_pause * (1U << (tried - 1)), longest_pause);
  return Duration{
      static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(most.count()) + 1))};
}

Task<std::expected<ModelAnswer, Failure>> OpenAiProvider::complete(ModelRequest request) {
  auto body = openai_request_body(request, settings_);
  if (!body) {
    co_return std::unexpected(Failure{.failure_class = FailureClass::final,
                                      .cause = "bad_request",
                                      .message = settings_.name + ": " + body.error().message});
  }
  HttpCall call = call_for(std::move(*body));
  for (unsigned tried = 1;; ++tried) {
    call.deadline = std::min(request.deadline, clock_.steady_now() + settings_.timeout);
    auto answer = read(co_await client_.send(call));
    if (answer || answer.error().failure_class == FailureClass::final) co_return answer;
    const Failure& failure = answer.error();
    if (tried == max_tries || failure.cause == "canceled") co_return answer;
    const Duration asked = failure.retry_after.value_or(Duration{0});
    const Duration pause = std::max(asked, pause_after(tried));
    if (asked > longest_patience || clock_.steady_now() + pause >= request.deadline)
      co_return answer;
    asio::steady_timer timer(co_await asio::this_coro::executor, pause);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

}  // namespace bellpull
