#include "llm/model_failure.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/core.h>

#include "base/time.h"
#include "egress/http_call.h"
#include "llm/provider.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t max_quoted = 500;  // bytes of the server's own words

// Codes and types that no waiting cures: somebody must pay, or raise a limit.
constexpr auto money_codes = std::to_array<std::string_view>(
    {"insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached",
     "billing_not_active", "insufficient_credits", "insufficient_balance"});
constexpr auto money_words =
    std::to_array<std::string_view>({"spend_limit", "spending_limit", "usage_limit"});

struct ErrorBody {
  std::string message;
  std::string type;
  std::string code;
};

std::string as_text(const json::value* value) {
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

// {"error": {"message", "type", "code"}}, with {"details": {"error_code"}} for the code where
// Anthropic speaks, {"error": "text"}, or nothing of the kind.
ErrorBody read_error(const json::value& reply) {
  const auto* const object = reply.if_object();
  const auto* const error = object == nullptr ? nullptr : object->if_contains("error");
  if (error == nullptr) return {};
  const auto* const details = error->if_object();
  if (details == nullptr) return {.message = as_text(error), .type = {}, .code = {}};
  const auto* const more = details->if_contains("details");
  const auto* const code = more != nullptr && more->is_object()
                               ? more->get_object().if_contains("error_code")
                               : details->if_contains("code");
  return {.message = as_text(details->if_contains("message")),
          .type = as_text(details->if_contains("type")),
          .code = as_text(code)};
}

bool is_about_money(std::string_view word) {
  return std::ranges::find(money_codes, word) != money_codes.end() ||
         std::ranges::any_of(money_words,
                             [&](std::string_view part) { return word.contains(part); });
}

std::string_view cause_of(unsigned status) {
  switch (status) {
    case 401:
      return "unauthorized";
    case 402:
      return "quota";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 408:
      return "timeout";
    case 409:
      return "conflict";
    case 413:
      return "too_large";
    case 429:
      return "rate_limited";
    case 503:
    case 529:
      return "overloaded";
    default:
      return status >= 500 ? "server_error" : "bad_request";
  }
}

bool is_retryable(unsigned status) {
  return status == 408 || status == 409 || status == 429 || status >= 500;
}

std::string shortened(std::string_view text) {
  if (text.size() <= max_quoted) return std::string(text);
  std::size_t end = max_quoted;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

// What Anthropic's types would be as a status; empty for any other.
std::string status_of_type(std::string_view type) {
  constexpr auto types = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{"invalid_request_error", "400"},
       {"authentication_error", "401"},
       {"billing_error", "402"},
       {"permission_error", "403"},
       {"not_found_error", "404"},
       {"request_too_large", "413"},
       {"rate_limit_error", "429"},
       {"api_error", "500"},
       {"timeout_error", "504"},
       {"overloaded_error", "529"}});
  const auto* const found =
      std::ranges::find(types, type, &std::pair<std::string_view, std::string_view>::first);
  return found == types.end() ? std::string{} : std::string{found->second};
}

Failure classify(unsigned status, const ErrorBody& error) {
  Failure failure;
  failure.cause = cause_of(status);
  failure.failure_class = is_retryable(status) ? FailureClass::retryable : FailureClass::final;
  if (error.code == "context_length_exceeded" || error.message.starts_with("prompt is too long")) {
    failure.cause = "context_length";
  }
  if (is_about_money(error.code) || is_about_money(error.type)) {
    failure.cause = "quota";
    failure.failure_class = FailureClass::final;
  }
  failure.message = fmt::format("The model's server answered with status {}", status);
  if (!error.message.empty()) failure.message += ": " + shortened(error.message);
  return failure;
}

std::optional<Duration> asked_wait(const HttpReply& reply, TimePoint now) {
  if (const auto precise = reply.header("retry-after-ms")) {
    double ms = 0;
    const auto [end, error] =
        std::from_chars(precise->data(), precise->data() + precise->size(), ms);
    if (error == std::errc{} && ms >= 0 && ms < 1e9) {
      return Duration{static_cast<std::int64_t>(std::ceil(ms))};
    }
  }
  return retry_after(reply.header("retry-after").value_or(""), now);
}

}  // namespace

std::optional<std::string_view> request_id(const HttpReply& reply) {
  const auto id = reply.header("x-request-id");
  return id ? id : reply.header("request-id");
}

Failure failure_of_status(const HttpReply& reply, TimePoint now) {
  boost::system::error_code error;
  const json::value body = json::parse(reply.body, error);
  Failure failure = classify(reply.status, error ? ErrorBody{} : read_error(body));
  const auto advice = reply.header("x-should-retry");
  if (advice && failure.cause != "quota") {
    if (*advice == "true") failure.failure_class = FailureClass::retryable;
    if (*advice == "false") failure.failure_class = FailureClass::final;
  }
  failure.retry_after = asked_wait(reply, now);
  if (const auto id = request_id(reply)) {
    failure.message += fmt::format(" (request {})", shortened(*id));
  }
  return failure;
}

Failure failure_in_answer(const json::value& reply) {
  ErrorBody error = read_error(reply);
  if (error.code.empty()) error.code = status_of_type(error.type);
  unsigned status = 0;
  const auto read =
      std::from_chars(error.code.data(), error.code.data() + error.code.size(), status);
  const bool is_status = read.ec == std::errc{} &&
                         read.ptr == error.code.data() + error.code.size() && status >= 400 &&
                         status <= 599;
  Failure failure = classify(is_status ? status : 500, error);
  if (!is_status && failure.failure_class == FailureClass::retryable) failure.cause = "bad_answer";
  failure.message = "The model's server answered with an error";
  if (!error.message.empty()) failure.message += ": " + shortened(error.message);
  return failure;
}

Failure failure_of_transport(const HttpFailure& failure) {
  Failure result{.failure_class = FailureClass::retryable,
                 .cause = std::string(to_string(failure.cause)),
                 .message = failure.message};
  switch (failure.cause) {
    case HttpCause::dns:
    case HttpCause::connect:
    case HttpCause::connection_lost:
      result.cause = "connection";
      break;
    case HttpCause::refused_by_guard:
    case HttpCause::too_large:
    case HttpCause::too_many_redirects:
    case HttpCause::bad_url:
      result.failure_class = FailureClass::final;
      break;
    case HttpCause::tls:
    case HttpCause::timeout:
    case HttpCause::canceled:
      break;
  }
  return result;
}

}  // namespace bellpull
