#include "egress/http_transfer.h"

#include <chrono>
#include <expected>
#include <memory>
#include <string>

#include <curl/curl.h>
#include <curl/easy.h>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "egress/http_call.h"
#include "egress/ip_address.h"
#include "egress/url.h"
#include "support/http_stand_in.h"

namespace bellpull {
namespace {

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// What a transfer comes to that may connect to `checked` only, when curl has been made to believe
// that the host is at 127.0.0.1.
std::expected<HttpReply, HttpFailure> outcome(const HttpStandIn& server, const char* checked) {
  const std::string url = fmt::format("http://rebound.test:{}/", server.port());
  HttpTransfer transfer{HttpCall{.url = url},
                        parse_url(url).value(),
                        {*IpAddress::parse(checked)},
                        std::chrono::seconds{10},
                        {}};
  const std::unique_ptr<curl_slist, FreeList> believed{
      curl_slist_append(nullptr, fmt::format("rebound.test:{}:127.0.0.1", server.port()).c_str())};
  curl_easy_setopt(transfer.handle(), CURLOPT_RESOLVE, believed.get());
  return transfer.outcome(curl_easy_perform(transfer.handle()));
}

TEST(HttpTransferTest, TheAddressIsComparedWithTheCheckedOnesWhenTheSocketIsOpened) {
  const HttpStandIn server([](const StandInRequest&) { return StandInReply{}; });
  const auto refused = outcome(server, "8.8.8.8");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().cause, HttpCause::refused_by_guard);
  EXPECT_EQ(refused.error().message, "rebound.test led to an address that was not checked");
  EXPECT_EQ(server.accepted(), 0U);

  EXPECT_TRUE(outcome(server, "127.0.0.1")) << "the same with the right address";
}

}  // namespace
}  // namespace bellpull
