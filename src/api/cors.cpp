#include "api/cors.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "http/method.h"
#include "http/request.h"
#include "http/response.h"

namespace bellpull {

namespace {

constexpr std::string_view allowed_methods = "GET, POST, PUT, PATCH, HEAD, OPTIONS";
constexpr std::string_view allowed_headers =
    "authorization, content-type, accept, cache-control, pragma, x-runas-user-id, "
    "x-runas-userid, x-runas-child-user-email, x-timezone, x-timestamps, idempotency-key";
constexpr std::string_view exposed_headers =
    "x-failure-code, x-event-id, x-request-id, location, retry-after, content-disposition";
constexpr std::string_view max_age_s = "86400";

}  // namespace

void add_cors_headers(Response& response, const RequestHead& request,
                      std::span<const std::string> origins) {
  const std::string_view origin = request.header("origin");
  if (std::ranges::find(origins, "*") != origins.end()) {
    response.headers.add("access-control-allow-origin", "*");
  } else {
    response.headers.add("vary", "origin");
    if (std::ranges::find(origins, origin) == origins.end()) return;
    response.headers.add("access-control-allow-origin", origin);
  }
  response.headers.add("access-control-expose-headers", exposed_headers);
  // Only browsers ask for the rest, and they say so; everybody else's reply stays small.
  if (origin.empty() && request.method() != Method::options) return;
  response.headers.add("access-control-allow-methods", allowed_methods);
  response.headers.add("access-control-allow-headers", allowed_headers);
  response.headers.add("access-control-max-age", max_age_s);
}

}  // namespace bellpull
