#include "egress/http_call.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <curl/curl.h>

#include "base/time.h"

namespace bellpull {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

constexpr std::int64_t longest_wait_s = 7LL * 24 * 3600;  // what asks for more is cut to this

}  // namespace

bool same_name(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, lower, lower);
}

std::optional<std::string_view> HttpReply::header(std::string_view name) const {
  for (const HttpField& field : headers) {
    if (same_name(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::string_view to_string(HttpCause cause) {
  switch (cause) {
    case HttpCause::refused_by_guard:
      return "refused_by_guard";
    case HttpCause::dns:
      return "dns";
    case HttpCause::connect:
      return "connect";
    case HttpCause::tls:
      return "tls";
    case HttpCause::timeout:
      return "timeout";
    case HttpCause::canceled:
      return "canceled";
    case HttpCause::too_large:
      return "too_large";
    case HttpCause::connection_lost:
      return "connection_lost";
    case HttpCause::too_many_redirects:
      return "too_many_redirects";
    case HttpCause::bad_url:
      return "bad_url";
  }
  return "unknown";
}

std::optional<Duration> retry_after(std::string_view value, TimePoint now) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error == std::errc{} && end == value.data() + value.size() && seconds >= 0) {
    return std::chrono::seconds{std::min(seconds, longest_wait_s)};
  }
  const std::time_t date = curl_getdate(std::string(value).c_str(), nullptr);
  if (date == -1) return std::nullopt;
  const TimePoint due{std::chrono::seconds{date}};
  return std::clamp<Duration>(due - now, Duration{0}, std::chrono::seconds{longest_wait_s});
}

}  // namespace bellpull
