#include "egress/redirect.h"

#include <string>
#include <string_view>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "egress/http_call.h"
#include "egress/url.h"

namespace bellpull {
namespace {

// The next call's method and body after `status`.
std::string next(std::string_view method, unsigned status) {
  HttpCall call{.method = std::string(method),
                .url = "https://a.example/x",
                .headers = {{"Content-Type", "text/plain"}, {"Authorization", "Bearer x"}},
                .body = "body"};
  const HttpReply reply{.status = status, .headers = {{"Location", "/y"}}};
  const auto moved = redirected(call, parse_url(call.url).value(), reply).value();
  EXPECT_EQ(moved.url, "https://a.example/y");
  EXPECT_EQ(moved.headers.back().value, "Bearer x") << "the same origin";
  return fmt::format("{} {} {}", moved.method, moved.body, moved.headers.size());
}

TEST(RedirectTest, APostBecomesAGetAsBrowsersDoIt) {
  EXPECT_EQ(next("POST", 301), "GET  1");
  EXPECT_EQ(next("POST", 302), "GET  1");
  EXPECT_EQ(next("POST", 303), "GET  1");
  EXPECT_EQ(next("PUT", 303), "GET  1");
}

TEST(RedirectTest, OtherMethodsAndTheNewerStatusesKeepTheRequest) {
  EXPECT_EQ(next("POST", 307), "POST body 2");
  EXPECT_EQ(next("POST", 308), "POST body 2");
  EXPECT_EQ(next("PUT", 301), "PUT body 2");
  EXPECT_EQ(next("PUT", 302), "PUT body 2");
  EXPECT_EQ(next("HEAD", 303), "HEAD body 2");
}

TEST(RedirectTest, AnotherSchemeOrPortIsAnotherOrigin) {
  for (const auto* location :
       {"http://a.example/y", "https://a.example:8443/y", "https://b.example/"}) {
    HttpCall call{.url = "https://a.example/x", .headers = {{"Cookie", "c"}, {"Accept", "*/*"}}};
    const HttpReply reply{.status = 302, .headers = {{"location", location}}};
    const auto moved = redirected(call, parse_url(call.url).value(), reply).value();
    ASSERT_EQ(moved.headers.size(), 1U) << location;
    EXPECT_EQ(moved.headers[0].name, "Accept");
  }
}

TEST(RetryAfterTest, SecondsAndDatesAreRead) {
  const TimePoint now = parse_iso("2026-01-02T03:04:05Z").value();
  EXPECT_EQ(retry_after("7", now), std::chrono::seconds{7});
  EXPECT_EQ(retry_after("Fri, 02 Jan 2026 03:05:05 GMT", now), std::chrono::seconds{60});
  EXPECT_EQ(retry_after("Thu, 01 Jan 2026 00:00:00 GMT", now), Duration{0});
  EXPECT_EQ(retry_after("-1", now).value_or(Duration{0}), Duration{0});
  EXPECT_FALSE(retry_after("soon", now));
  EXPECT_FALSE(retry_after("", now));
}

}  // namespace
}  // namespace bellpull
