#include "mail/mail_address.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bellpull {
namespace {

TEST(MailAddressTest, AnAddressStandsAloneOrBehindAName) {
  EXPECT_EQ(parse_mail_address("ann@Example.COM"), (MailAddress{"", "ann@example.com"}));
  EXPECT_EQ(parse_mail_address(" <ann@example.com> "), (MailAddress{"", "ann@example.com"}));
  EXPECT_EQ(parse_mail_address("Ann Lee <Ann.Lee+x@example.com>"),
            (MailAddress{"Ann Lee", "Ann.Lee+x@example.com"}));
  EXPECT_EQ(parse_mail_address(R"("Lee, \"Ann\"" <a@b.c>)"),
            (MailAddress{R"(Lee, "Ann")", "a@b.c"}));
  EXPECT_EQ(parse_mail_address("Åse Øy <ase@xn--y-0ga.no>"),
            (MailAddress{"Åse Øy", "ase@xn--y-0ga.no"}));
  EXPECT_EQ(parse_mail_address("root@localhost"), (MailAddress{"", "root@localhost"}));
}

TEST(MailAddressTest, WhatIsNoAddressIsRefusedInASentence) {
  const auto problem = [](const std::string& text) {
    const auto address = parse_mail_address(text);
    return address ? "none" : address.error().message;
  };
  EXPECT_EQ(problem("ann"), "\"ann\" has no @");
  EXPECT_EQ(problem("@b.c"), "\"@b.c\" has something before the @ that is no mailbox");
  EXPECT_EQ(problem("a..b@c.d"), "\"a..b@c.d\" has something before the @ that is no mailbox");
  EXPECT_EQ(problem("a b@c.d"), "\"a b@c.d\" has something before the @ that is no mailbox");
  EXPECT_EQ(problem("a@b..c"), "\"a@b..c\" has something after the @ that is no domain");
  EXPECT_EQ(problem("a@-b.c"), "\"a@-b.c\" has something after the @ that is no domain");
  EXPECT_EQ(problem("a@[127.0.0.1]"),
            "\"a@[127.0.0.1]\" has something after the @ that is no domain");
  EXPECT_EQ(problem("Ann <a@b.c"), "\"Ann <a@b.c\" has an unclosed <");
  EXPECT_EQ(problem("Ann <a@b.c> x"), "\"Ann <a@b.c> x\" has an unclosed <");
  EXPECT_EQ(problem("a@b.c>\r\nRCPT TO:<e@v.e"),
            "\"a@b.c>  RCPT TO:<e@v.e\" holds a line break or a control character");
  EXPECT_EQ(problem(std::string("a@b.c\0", 6)),
            "\"a@b.c \" holds a line break or a control character");
  EXPECT_NE(problem("åse@example.com").find("SMTPUTF8"), std::string::npos);
  EXPECT_NE(problem("ann@øy.no").find("xn--"), std::string::npos);
  EXPECT_NE(problem(std::string(65, 'a') + "@b.c").find("too long"), std::string::npos);
  EXPECT_NE(problem("").find("no address"), std::string::npos);
}

TEST(MailAddressTest, CommasWithinQuotesSeparateNothing) {
  EXPECT_EQ(split_addresses(R"(a@b.c, "Lee, Ann" <d@e.f>,, "x\",y" <g@h.i> ,)"),
            (std::vector<std::string>{"a@b.c", R"("Lee, Ann" <d@e.f>)", R"("x\",y" <g@h.i>)"}));
  EXPECT_TRUE(split_addresses(" , ").empty());
}

}  // namespace
}  // namespace bellpull
