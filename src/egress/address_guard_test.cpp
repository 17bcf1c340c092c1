#include "egress/address_guard.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "egress/ip_address.h"

namespace bellpull {
namespace {

std::string judge(std::string_view text) {
  const auto address = IpAddress::parse(text);
  if (!address) return "no address";
  const auto forbidden = forbidden_range(*address);
  return forbidden ? std::string(forbidden->what) : "public";
}

TEST(AddressGuardTest, PublicAddressesPass) {
  for (const auto* text :
       {"8.8.8.8",        "1.1.1.1",        "9.255.255.255",    "11.0.0.0",
        "100.63.255.255", "100.128.0.0",    "126.255.255.255",  "128.0.0.0",
        "172.15.255.255", "172.32.0.0",     "192.0.1.0",        "192.169.0.0",
        "198.17.255.255", "198.20.0.0",     "223.255.255.255",  "2606:4700:4700::1111",
        "2a00::1",        "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"}) {
    EXPECT_EQ(judge(text), "public") << text;
  }
}

TEST(AddressGuardTest, EveryForbiddenRangeIsRefusedAtBothOfItsEnds) {
  for (const auto* text : {"0.0.0.0",      "0.255.255.255",   "10.0.0.0",     "10.255.255.255",
                           "100.64.0.0",   "100.127.255.255", "127.0.0.1",    "127.255.255.255",
                           "169.254.0.0",  "169.254.169.254", "172.16.0.0",   "172.31.255.255",
                           "192.0.0.0",    "192.0.0.255",     "192.0.2.1",    "192.88.99.1",
                           "192.168.0.0",  "192.168.255.255", "198.18.0.0",   "198.19.255.255",
                           "198.51.100.7", "203.0.113.255",   "224.0.0.1",    "239.255.255.255",
                           "240.0.0.0",    "255.255.255.255", "::",           "::1",
                           "::7f00:1",     "::808:808",       "64:ff9b:1::1", "100::1",
                           "fc00::1",      "fdff::1",         "fe80::1",      "febf::1",
                           "fec0::1",      "ff02::1",         "2001:2::1",    "2001:10::1",
                           "2001:2f::1",   "2001:db8::1",     "3fff:fff::1",  "4000::1",
                           "5f00::1"}) {
    EXPECT_NE(judge(text), "public") << text;
  }
}

TEST(AddressGuardTest, AnIpv4AddressInsideOfAnIpv6OneIsJudged) {
  EXPECT_EQ(judge("::ffff:127.0.0.1"), "a loopback address");
  EXPECT_EQ(judge("::ffff:10.1.2.3"), "a private address");
  EXPECT_EQ(judge("64:ff9b::10.1.2.3"), "a private address");
  EXPECT_EQ(judge("2002:a01:203::1"), "a private address");
  EXPECT_EQ(judge("2001:0:a01:203::1"), "a private address") << "the Teredo server";
  EXPECT_EQ(judge("2001:0:808:808:0:0:80ff:fffe"), "a loopback address") << "the Teredo client";
  EXPECT_EQ(judge("2001:0:808:808:0:0:f7f7:f7f7"), "public");
}

}  // namespace
}  // namespace bellpull
