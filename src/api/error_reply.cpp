#include "api/error_reply.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/result.h"
#include "http/response.h"

namespace bellpull {

namespace {

struct StatusWords {
  int status;
  std::string_view code;
  std::string_view message;  // when nobody has a better one
};

constexpr std::array status_words{
    StatusWords{400, "BAD_REQUEST", "Bad request"},
    StatusWords{401, "NOT_AUTHENTICATED", "Not authenticated"},
    StatusWords{403, "NOT_AUTHORIZED", "Not authorized"},
    StatusWords{404, "NOT_FOUND", "Not found"},
    StatusWords{405, "METHOD_NOT_ALLOWED", "Method not allowed"},
    StatusWords{408, "TIMEOUT", "Timeout"},
    StatusWords{409, "CONFLICT", "Conflict"},
    StatusWords{413, "CONTENT_TOO_LARGE", "Content too large"},
    StatusWords{422, "UNPROCESSABLE_ENTITY", "Unprocessable entity"},
    StatusWords{429, "TOO_MANY_REQUESTS", "Too many requests"},
    StatusWords{500, "INTERNAL_SERVER_ERROR", "Internal server error"},
    StatusWords{501, "NOT_IMPLEMENTED", "Not implemented"},
    StatusWords{502, "BAD_GATEWAY", "Bad gateway"},
    StatusWords{503, "SERVICE_UNAVAILABLE", "Service unavailable"},
    StatusWords{504, "GATEWAY_TIMEOUT", "Gateway timeout"},
};

const StatusWords& words_of(int status) {
  const auto exact = std::ranges::find(status_words, status, &StatusWords::status);
  if (exact != status_words.end()) return *exact;
  return *std::ranges::find(status_words, status < 500 ? 400 : 500, &StatusWords::status);
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return 400;
    case ErrorCode::unauthenticated:
      return 401;
    case ErrorCode::forbidden:
      return 403;
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::conflict:
    case ErrorCode::lease_lost:
      return 409;
    case ErrorCode::too_large:
      return 413;
    case ErrorCode::unprocessable:
      return 422;
    case ErrorCode::too_many_requests:
      return 429;
    case ErrorCode::not_implemented:
      return 501;
    case ErrorCode::unavailable:
      return 503;
  }
  return 500;
}

Response make_reply(int status, std::string_view message, std::string_view hint,
                    std::string_view request_id,
                    std::chrono::seconds retry_after = usual_retry_after) {
  const StatusWords& words = words_of(status);
  boost::json::object body;
  body["message"] = message.empty() ? words.message : message;
  body["code"] = words.code;
  body["requestId"] = request_id;
  if (!hint.empty()) body["hint"] = hint;

  Response reply{.status = status, .body = boost::json::serialize(body)};
  reply.headers.add("x-request-id", request_id);
  if (status == 429 || status == 503) {
    reply.headers.add("retry-after", std::to_string(retry_after.count()));
  }
  return reply;
}

}  // namespace

Response error_reply(const Error& error, std::string_view request_id,
                     std::chrono::seconds retry_after) {
  return make_reply(status_of(error.code), error.message, error.hint, request_id, retry_after);
}

Response status_reply(int status, std::string_view message, std::string_view request_id,
                      std::string_view hint) {
  return make_reply(status, message, hint, request_id);
}

std::string_view error_word(ErrorCode code) { return words_of(status_of(code)).code; }

}  // namespace bellpull
