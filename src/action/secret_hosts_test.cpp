#include "action/secret_hosts.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "action/action.h"

namespace bellpull {
namespace {

bool goes(std::vector<std::string> hosts, const std::string& url, bool chosen_host = true) {
  ActionRequest request{.chosen_host = chosen_host};
  request.secrets.push_back({.name = "SECRET_CRM", .hosts = std::move(hosts)});
  return !refuse_secrets(request, url);
}

TEST(SecretHostsTest, ABoundSecretGoesToItsHostsOnly) {
  EXPECT_TRUE(goes({"api.example"}, "https://api.example/x"));
  EXPECT_TRUE(goes({"API.example"}, "https://api.EXAMPLE./x"));
  EXPECT_TRUE(goes({"other.example", "api.example"}, "http://api.example:8080/"));
  for (const auto* url : {"https://api.example.evil.example/", "https://xapi.example/",
                          "https://evil.example/api.example", "https://evil.example/?api.example",
                          "https://evil.example#api.example", "https://api.example@evil.example/",
                          "https://sub.api.example/", "https://api.example.:x/"}) {
    EXPECT_FALSE(goes({"api.example"}, url)) << url;
    EXPECT_FALSE(goes({"api.example"}, url, false)) << url;
  }
}

TEST(SecretHostsTest, AStarIsEveryNameBelowAndAPortIsThatPort) {
  EXPECT_TRUE(goes({"*.example.com"}, "https://a.b.example.com/"));
  EXPECT_FALSE(goes({"*.example.com"}, "https://example.com/"));
  EXPECT_FALSE(goes({"*.example.com"}, "https://badexample.com/"));
  EXPECT_TRUE(goes({"10.0.0.7:8443"}, "https://10.0.0.7:8443/"));
  EXPECT_FALSE(goes({"10.0.0.7:8443"}, "https://10.0.0.7/"));
  EXPECT_TRUE(goes({"10.0.0.7"}, "https://0x0a000007/")) << "one address, however it is spelt";
  EXPECT_FALSE(goes({"(no host)"}, "https://api.example/"));
}

TEST(SecretHostsTest, AnUnboundOneGoesOnlyWhereTheAuthorSaid) {
  EXPECT_TRUE(goes({}, "https://api.example/", false));
  EXPECT_FALSE(goes({}, "https://api.example/", true));
  EXPECT_FALSE(goes({}, "no url", false));
}

}  // namespace
}  // namespace bellpull
