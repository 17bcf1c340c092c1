#include "action/fetch.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>

#include "action/action.h"
#include "action/fetch_places.h"
#include "action/fetch_reply.h"
#include "action/fetch_request.h"
#include "action/outcome.h"
#include "action/secret_hosts.h"
#include "action/shape.h"
#include "action/template.h"
#include "base/random.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/http_call.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

constexpr Duration default_timeout = std::chrono::seconds{10};
constexpr std::size_t max_reply_bytes = 512 * std::size_t{1024};
constexpr unsigned max_tries = 3;
constexpr Duration first_pause = std::chrono::milliseconds{250};  // doubles with each try

bool may_pass(const std::expected<HttpReply, HttpFailure>& reply) {
  if (reply) {
    constexpr auto passing = std::to_array<unsigned>({429, 500, 502, 503, 504});
    return std::ranges::find(passing, reply->status) != passing.end();
  }
  const HttpCause cause = reply.error().cause;
  return cause == HttpCause::dns || cause == HttpCause::connect ||
         cause == HttpCause::connection_lost;
}

bool is_safe_method(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

void add_idempotency_key(HttpCall& call, const std::string& key) {
  const bool given = std::ranges::any_of(call.headers, [](const HttpField& field) {
    return same_name(field.name, "idempotency-key");
  });
  if (given || key.empty() || is_safe_method(call.method)) return;
  call.headers.push_back({"Idempotency-Key", key});
}

ActionOutcome failed(const HttpFailure& failure) {
  boost::json::object result;
  result["error"] = failure.message;
  result["cause"] = to_string(failure.cause);
  return {.result = std::move(result), .is_error = true};
}

}  // namespace

const ActionShape& FetchAction::shape() const {
  static const ActionShape shape{
      .main = "request",
      .fields = {"method", "url", "path", "query", "headers", "authorization", "body", "format",
                 "jmespath", "jsonpath"},
      .secret_fields = {"request", "url", "query", "headers", "authorization", "body"},
      .default_timeout = default_timeout};
  return shape;
}

bool FetchAction::mark(TemplateMap& input) const { return mark_fetch_places(input); }

bool FetchAction::is_idempotent(const ActionRequest& request) const {
  const auto wanted = parse_fetch(request.input);
  return wanted && is_idempotent_method(wanted->call.method);
}

Task<ActionOutcome> FetchAction::execute(ActionRequest request) {
  auto wanted = parse_fetch(request.input);
  if (!wanted) co_return error_outcome(wanted.error().message);
  HttpCall& call = wanted->call;
  if (auto refusal = refuse_secrets(request, call.url)) co_return error_outcome(*refusal);
  call.deadline = request.deadline;
  call.connect_timeout =
      std::chrono::duration_cast<Duration>(request.deadline - clock_.steady_now());
  call.response_limit = max_reply_bytes;
  call.oversize = Oversize::truncate;
  call.stays_at_origin = !request.secrets.empty();
  add_idempotency_key(call, request.idempotency_key);
  const bool harms_twice = !is_idempotent_method(call.method);
  auto reply = co_await send(std::move(call));
  if (!reply) {
    auto unknown = harms_twice ? unknown_outcome(reply.error()) : std::nullopt;
    co_return unknown ? std::move(*unknown) : failed(reply.error());
  }
  co_return outcome_of(std::move(*reply), wanted->reading, request.redact);
}

Task<std::expected<HttpReply, HttpFailure>> FetchAction::send(HttpCall call) {
  const unsigned tries = is_idempotent_method(call.method) ? max_tries : 1;
  for (unsigned tried = 1;; ++tried) {
    auto reply = co_await client_.send(call);
    Duration pause = first_pause * (1U << (tried - 1));
    pause = pause / 2 + Duration{static_cast<std::int64_t>(
                            random_.below(static_cast<std::uint64_t>(pause.count() / 2 + 1)))};
    if (reply) {
      const auto asked = retry_after(reply->header("retry-after").value_or(""), clock_.now());
      pause = std::max(pause, asked.value_or(pause));
    }
    const bool in_time = clock_.steady_now() + pause < call.deadline;
    if (tried < tries && in_time && may_pass(reply)) {
      asio::steady_timer timer(co_await asio::this_coro::executor, pause);
      co_await timer.async_wait(asio::use_awaitable);
      continue;
    }
    co_return reply;
  }
}

}  // namespace bellpull
