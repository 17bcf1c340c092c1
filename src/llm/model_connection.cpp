#include "llm/model_connection.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/core.h>

#include "base/encoding.h"
#include "base/random.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/http_call.h"
#include "egress/http_client.h"
#include "llm/answer_stream.h"
#include "llm/circuit_breaker.h"
#include "llm/model_failure.h"
#include "llm/provider.h"
#include "llm/streamed_reply.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

constexpr std::size_t max_answer_bytes = 8 * std::size_t{1024} * 1024;
constexpr std::size_t max_stream_bytes = 2 * max_answer_bytes;  // each piece has a wrapping
constexpr unsigned max_tries = 3;
constexpr Duration first_pause = std::chrono::milliseconds{500};  // doubles with each try
constexpr Duration longest_pause = std::chrono::seconds{8};
// A longer wait is the durable queue's: a worker that sleeps holds its place.
constexpr Duration longest_patience = std::chrono::seconds{60};

std::vector<std::string> secrets_of(const ConnectionSettings& settings) {
  std::vector<std::string> secrets = settings.secrets;
  secrets.push_back(settings.api_key);
  for (const HttpField& field : settings.extra_headers) secrets.push_back(field.value);
  for (const auto& [name, value] : settings.extra_query) secrets.push_back(value);
  return secrets;
}

std::string url_of(const ConnectionSettings& settings, std::string_view path) {
  std::string url = settings.base_url;
  while (url.ends_with('/')) url.pop_back();
  url += path;
  char separator = '?';
  for (const auto& [name, value] : settings.extra_query) {
    url += fmt::format("{}{}={}", separator, percent_encode(name), percent_encode(value));
    separator = '&';
  }
  return url;
}

// The name that the server gave the request, for its support; the answer's own id where it gave
// none.
void note_request(const HttpReply& reply, std::expected<ModelAnswer, Failure>& answer) {
  if (const auto id = request_id(reply); answer && id) answer->request_id = *id;
}

// Tells the breaker how a try ended, also one that was cancelled or threw.
class Attempt {
 public:
  explicit Attempt(CircuitBreaker& breaker) : breaker_(breaker) {}
  ~Attempt() {
    if (!ended_) breaker_.note_failure({.cause = "canceled", .message = {}});
  }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  void end(const std::expected<ModelAnswer, Failure>& answer) {
    ended_ = true;
    if (answer) {
      breaker_.note_answer();
    } else {
      breaker_.note_failure(answer.error());
    }
  }

 private:
  CircuitBreaker& breaker_;
  bool ended_ = false;
};

}  // namespace

ModelConnection::ModelConnection(ConnectionSettings settings, HttpClient& client,
                                 const Clock& clock, Random& random)
    : settings_(std::move(settings)),
      redact_(secrets_of(settings_)),
      client_(client),
      clock_(clock),
      random_(random),
      breaker_(clock, static_cast<std::uint64_t>(settings_.failures_to_pause)) {}

HttpCall ModelConnection::http_call(const ModelCall& call) const {
  const bool streams = static_cast<bool>(call.stream);
  HttpCall http;
  http.method = "POST";
  http.url = url_of(settings_, call.path);
  http.headers = settings_.extra_headers;
  http.headers.insert(http.headers.end(), call.headers.begin(), call.headers.end());
  http.headers.push_back({"Content-Type", "application/json"});
  http.headers.push_back(
      {"Accept", streams ? "text/event-stream, application/json" : "application/json"});
  if (!settings_.api_key.empty()) {
    http.headers.push_back({settings_.key_header, settings_.key_prefix + settings_.api_key});
  }
  http.body = call.body;
  http.connect_timeout = settings_.connect_timeout;
  http.response_limit = streams ? max_stream_bytes : max_answer_bytes;
  http.max_redirects = 0;  // a key follows nobody
  http.resend = Resend::always;
  http.allowance = settings_.allowance;
  return http;
}

std::expected<ModelAnswer, Failure> ModelConnection::read(
    const ModelCall& call, std::expected<HttpReply, HttpFailure> reply) const {
  std::expected<ModelAnswer, Failure> answer;
  if (!reply) {
    answer = std::unexpected(failure_of_transport(reply.error()));
  } else if (reply->status < 200 || reply->status > 299) {
    reply->body = redact_(reply->body);  // before it is shortened, which may cut a key
    answer = std::unexpected(failure_of_status(*reply, clock_.now()));
  } else {
    answer = call.read(*reply);
    note_request(*reply, answer);
  }
  if (!answer) answer.error().message = told(answer.error().message);
  return answer;
}

std::string ModelConnection::told(std::string_view message) const {
  return settings_.name + ": " + redact_(message);
}

std::unexpected<Failure> ModelConnection::bad_request(const std::string& message) const {
  return std::unexpected(Failure{.failure_class = FailureClass::final,
                                 .cause = "bad_request",
                                 .message = settings_.name + ": " + message});
}

std::unexpected<Failure> ModelConnection::out_of_service(Duration pause) const {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(pause).count();
  return std::unexpected(Failure{
      .failure_class = FailureClass::retryable,
      .cause = "out_of_service",
      .message = fmt::format("{}: it fails again and again and is asked no more for {} s; last: {}",
                             settings_.name, seconds, breaker_.health().last_failure),
      .retry_after = pause});
}

Duration ModelConnection::pause_after(unsigned tried) const {
  const Duration most = std::min(first_pause * (1U << (tried - 1)), longest_pause);
  return Duration{
      static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(most.count()) + 1))};
}

// The call is ask()'s own, which lives until this returns.
Task<std::expected<ModelAnswer, Failure>> ModelConnection::try_once(const ModelCall* call,
                                                                    HttpCall http) {
  if (!call->stream) {
    http.deadline = std::min(call->deadline, clock_.steady_now() + settings_.timeout);
    co_return read(*call, co_await client_.send(std::move(http)));
  }
  http.deadline = call->deadline;
  const std::unique_ptr<AnswerStream> stream = call->stream();
  const Quiet quiet{.before_first = settings_.timeout, .between = settings_.idle_timeout};
  const auto executor = co_await asio::this_coro::executor;
  StreamedReply streamed{executor, clock_, quiet, *stream, call->follower};
  auto reply = co_await streamed.perform(&client_, std::move(http));
  if (!reply || !streamed.was_stream()) co_return read(*call, std::move(reply));
  auto answer = stream->answer();
  note_request(*reply, answer);
  if (!answer) answer.error().message = told(answer.error().message);
  co_return answer;
}

Task<std::expected<ModelAnswer, Failure>> ModelConnection::ask(ModelCall call) {
  HttpCall http = http_call(call);
  for (unsigned tried = 1;; ++tried) {
    const bool has_time = call.deadline - clock_.steady_now() >= settings_.timeout;
    if (const auto pause = breaker_.refusal(has_time)) co_return out_of_service(*pause);
    Attempt attempt{breaker_};
    auto answer = co_await try_once(&call, http);
    // That a caller had no more time says nothing of the server.
    const bool in_time = clock_.steady_now() < call.deadline;
    if (answer || in_time) attempt.end(answer);
    if (answer || answer.error().failure_class == FailureClass::final) co_return answer;
    const Failure& failure = answer.error();
    if (tried == max_tries || failure.cause == "canceled") co_return answer;
    const Duration asked = failure.retry_after.value_or(Duration{0});
    const Duration pause = std::max(asked, pause_after(tried));
    if (asked > longest_patience || clock_.steady_now() + pause >= call.deadline) co_return answer;
    asio::steady_timer timer(co_await asio::this_coro::executor, pause);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

}  // namespace bellpull
