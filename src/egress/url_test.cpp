#include "egress/url.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace bellpull {
namespace {

std::string normal(std::string_view text) {
  const auto url = parse_url(text);
  return url ? url->to_string() : "refused: " + url.error().message;
}

bool refused(std::string_view text) { return !parse_url(text).has_value(); }

std::string follow(std::string_view base, std::string_view reference) {
  const auto url = resolve_reference(parse_url(base).value(), reference);
  return url ? url->to_string() : "refused";
}

TEST(UrlTest, SpellingsOfOneHostBecomeOne) {
  EXPECT_EQ(normal("HTTP://API.Example.COM./a?b=C#d"), "http://api.example.com/a?b=C");
  EXPECT_EQ(normal("https://example.com:443"), "https://example.com/");
  EXPECT_EQ(normal("https://example.com:8443?x"), "https://example.com:8443/?x");
}

TEST(UrlTest, EverySpellingOfAnIpv4AddressIsRead) {
  for (const auto* text : {"http://127.0.0.1/", "http://2130706433/", "http://0x7f000001/",
                           "http://017700000001/", "http://127.1/", "http://127.0.1/",
                           "http://0177.0.0.1/", "http://0x7F.0.0.0x1/", "http://127.0.0.1./"}) {
    EXPECT_EQ(normal(text), "http://127.0.0.1/") << text;
  }
  EXPECT_TRUE(refused("http://1.2.3.4.5/"));
  EXPECT_TRUE(refused("http://256.1.1.1/"));
  EXPECT_TRUE(refused("http://example.09/")) << "a number that is no octal one";
  EXPECT_TRUE(refused("http://127.0.0.1../"));
}

TEST(UrlTest, Ipv6StandsInBrackets) {
  EXPECT_EQ(normal("http://[0:0:0:0:0:0:0:1]:8080/x"), "http://[::1]:8080/x");
  EXPECT_EQ(normal("http://[::FFFF:127.0.0.1]/"), "http://[::ffff:127.0.0.1]/");
  EXPECT_TRUE(refused("http://[::1/"));
  EXPECT_TRUE(refused("http://[::1]x/"));
  EXPECT_TRUE(refused("http://[fe80::1%eth0]/"));
  EXPECT_TRUE(refused("http://[127.0.0.1]/"));
  EXPECT_TRUE(refused("http://[]/"));
  EXPECT_TRUE(refused("http://[/"));
}

TEST(UrlTest, WhatCouldMeanAnotherHostElsewhereIsRefused) {
  for (const auto* text :
       {"", "example.com", "ftp://example.com/", "file:///etc/passwd", "http://", "http:///x",
        "http://user@example.com/", "http://example.com@127.0.0.1/", "http://a:b@c/",
        "http://example.com\\@127.0.0.1/", "http://exa mple.com/", "http://example.com\r\nX: y/",
        "http://ex%61mple.com/", "http://b\u00FCcher.example/", "http://example.com:0/",
        "http://example.com:65536/", "http://example.com:8o/", "http://a..b/",
        "http://.example.com/"}) {
    EXPECT_TRUE(refused(text)) << text;
  }
}

TEST(UrlTest, BlanksAndForeignBytesOfThePathAreEncoded) {
  EXPECT_EQ(normal("http://h.example/a b?q=\xC3\xA9|\"%41"),
            "http://h.example/a%20b?q=%C3%A9%7C%22%41");
}

TEST(UrlTest, ReferencesResolveAsRfc3986HasIt) {
  constexpr auto base = "http://a.example/b/c/d?q";
  EXPECT_EQ(follow(base, "g"), "http://a.example/b/c/g");
  EXPECT_EQ(follow(base, "./g/"), "http://a.example/b/c/g/");
  EXPECT_EQ(follow(base, "../g"), "http://a.example/b/g");
  EXPECT_EQ(follow(base, "../../../g"), "http://a.example/g");
  EXPECT_EQ(follow(base, ".."), "http://a.example/b/");
  EXPECT_EQ(follow(base, "/g?x=../y"), "http://a.example/g?x=../y");
  EXPECT_EQ(follow(base, "?y"), "http://a.example/b/c/d?y");
  EXPECT_EQ(follow(base, "#s"), "http://a.example/b/c/d?q");
  EXPECT_EQ(follow(base, "//other.example/x"), "http://other.example/x");
  EXPECT_EQ(follow(base, "https://other.example"), "https://other.example/");
  EXPECT_EQ(follow(base, "gopher://other.example"), "refused");
  EXPECT_EQ(follow(base, "javascript:alert(1)"), "refused");
}

TEST(UrlTest, ARelayHasThePortOfMailSubmissionUnlessItSaysAnother) {
  EXPECT_EQ(parse_relay_url("smtp://Mail.example.com")->to_string(),
            "smtp://mail.example.com:587/");
  EXPECT_EQ(parse_relay_url("smtps://mail.example.com")->to_string(),
            "smtps://mail.example.com:465/");
  EXPECT_EQ(parse_relay_url("smtp://127.0.0.1:25/bell.example.com")->to_string(),
            "smtp://127.0.0.1:25/bell.example.com");
  EXPECT_EQ(parse_relay_url("https://mail.example.com").error().message,
            "The URL must be smtp or smtps");
  EXPECT_FALSE(parse_relay_url("mail.example.com:25"));
  EXPECT_FALSE(parse_url("smtp://mail.example.com")) << "no bot speaks to one";
}

}  // namespace
}  // namespace bellpull
