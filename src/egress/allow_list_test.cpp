#include "egress/allow_list.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "egress/ip_address.h"

namespace bellpull {
namespace {

bool admits(const std::vector<std::string>& rules, std::string_view host, std::string_view address,
            int port = 443) {
  return !AllowList::parse(rules).value().refusal(host, *IpAddress::parse(address),
                                                  static_cast<std::uint16_t>(port));
}

TEST(AllowListTest, WithoutRulesPublicAddressesAreOpenOnPortsThatWebApisUse) {
  for (const int port : {80, 443, 1024, 8443}) {
    EXPECT_TRUE(admits({}, "api.example.com", "8.8.8.8", port)) << port;
  }
  for (const int port : {1, 22, 25, 53, 445, 1023}) {
    EXPECT_FALSE(admits({}, "api.example.com", "8.8.8.8", port)) << port;
  }
  EXPECT_FALSE(admits({}, "erp.corp", "10.1.2.3"));
  EXPECT_FALSE(admits({}, "::ffff:127.0.0.1", "::ffff:127.0.0.1"));
}

TEST(AllowListTest, AHostRuleOpensTheInsideForThatNameOnly) {
  EXPECT_TRUE(admits({"erp.corp"}, "erp.corp", "10.1.2.3"));
  EXPECT_TRUE(admits({"ERP.corp"}, "erp.corp", "10.1.2.3"));
  EXPECT_FALSE(admits({"erp.corp"}, "x.erp.corp", "10.1.2.3"));
  EXPECT_FALSE(admits({"erp.corp"}, "10.1.2.3", "10.1.2.3")) << "by its name, not by its address";
  EXPECT_FALSE(admits({"erp.corp"}, "erp.corp", "169.254.169.254")) << "metadata needs its address";
}

TEST(AllowListTest, ARuleWithAPathOpensThatPathOnly) {
  const AllowList list = AllowList::parse({"127.0.0.1:8484/demo/echo"}).value();
  const IpAddress loopback = *IpAddress::parse("127.0.0.1");
  EXPECT_FALSE(list.refusal("127.0.0.1", loopback, 8484, "/demo/echo"));
  EXPECT_FALSE(list.refusal("127.0.0.1", loopback, 8484, "/demo/echo?x=1"));
  EXPECT_TRUE(list.refusal("127.0.0.1", loopback, 8484, "/api/v1/bot/list"));
  EXPECT_TRUE(list.refusal("127.0.0.1", loopback, 8485, "/demo/echo"));
}

TEST(AllowListTest, ASuffixRuleCoversEveryHostBelowTheDomain) {
  EXPECT_TRUE(admits({".corp"}, "erp.corp", "10.1.2.3"));
  EXPECT_TRUE(admits({".corp"}, "a.b.corp", "fd00::1"));
  EXPECT_FALSE(admits({".corp"}, "corp", "10.1.2.3"));
  EXPECT_FALSE(admits({".corp"}, "evilcorp", "10.1.2.3"));
}

TEST(AllowListTest, ANetworkRuleCoversAddressesUnderWhateverName) {
  EXPECT_TRUE(admits({"10.1.0.0/16"}, "any.example", "10.1.2.3"));
  EXPECT_FALSE(admits({"10.1.0.0/16"}, "any.example", "10.2.0.1"));
  EXPECT_TRUE(admits({"127.0.0.1"}, "localhost", "127.0.0.1"));
  EXPECT_TRUE(admits({"127.0.0.1"}, "x", "::ffff:127.0.0.1"));
  EXPECT_TRUE(admits({"fd00::/8"}, "x", "fd12::1"));
  EXPECT_TRUE(admits({"169.254.169.254"}, "x", "169.254.169.254"));
}

TEST(AllowListTest, APortRuleOpensThatPortOnly) {
  EXPECT_TRUE(admits({"erp.corp:9"}, "erp.corp", "10.1.2.3", 9));
  EXPECT_FALSE(admits({"erp.corp:9"}, "erp.corp", "10.1.2.3", 443));
  EXPECT_TRUE(admits({"[fd00::/8]:81"}, "x", "fd12::1", 81));
  EXPECT_FALSE(admits({"10.0.0.0/8:443"}, "x", "10.0.0.1", 8443));
  EXPECT_TRUE(admits({"mail.example:25"}, "mail.example", "8.8.8.8", 25));
}

TEST(AllowListTest, PublicAddressesCanBeClosed) {
  EXPECT_FALSE(admits({"!public"}, "api.example.com", "8.8.8.8"));
  EXPECT_TRUE(admits({"!public", "api.example.com"}, "api.example.com", "8.8.8.8"));
}

TEST(AllowListTest, ARuleThatCannotBeReadIsQuotedInItsError) {
  for (const auto* text :
       {"", ":443", ".", "http://x", "a b", "10.0.0.0/33", "x:0", "x:70000", "x/8", "[::1",
        "[::1]443", "fd00::/129", "user@x", "x?y", "*.corp", "999.1.1.1"}) {
    const auto rules = AllowList::parse({"ok.example", text});
    ASSERT_FALSE(rules) << text;
    EXPECT_NE(rules.error().message.find("\"" + std::string(text) + "\""), std::string::npos);
  }
}

TEST(AllowListTest, TheMessageTellsNoAddress) {
  const auto refusal = AllowList().refusal("erp.corp", *IpAddress::parse("10.1.2.3"), 443);
  EXPECT_EQ(refusal, "erp.corp leads to a private address");
}

TEST(AllowanceTest, CoversTheConfiguredHostAndPort) {
  const auto allowance = Allowance::for_url("http://127.0.0.1:8080/v1").value();
  EXPECT_TRUE(allowance.covers("127.0.0.1", 8080));
  EXPECT_FALSE(allowance.covers("127.0.0.1", 8081));
  EXPECT_FALSE(allowance.covers("localhost", 8080));
  EXPECT_FALSE(Allowance::for_url("127.0.0.1:8080"));
}

}  // namespace
}  // namespace bellpull
