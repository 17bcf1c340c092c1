#include "domain/contact.h"

#include <gtest/gtest.h>

namespace bellpull {
namespace {

TEST(ContactTest, PhonesBecomeE164OnlyWhenTheyAreFullNumbers) {
  EXPECT_EQ(normalise_phone(" +47 22-33 44.55 "), "+4722334455");
  EXPECT_EQ(normalise_phone("0047 (22) 334455"), "+4722334455");
  EXPECT_EQ(normalise_phone("555-0123"), "555-0123");
  EXPECT_EQ(normalise_phone("+1"), "+1");
  EXPECT_EQ(normalise_phone("front desk"), "front desk");
}

TEST(ContactTest, EmailsAreComparedWithoutCase) {
  EXPECT_EQ(email_key(" Ann@Example.COM "), "ann@example.com");
}

TEST(ContactTest, OnlyAddressShapedTextsAreEmails) {
  EXPECT_TRUE(looks_like_email("a@example.com"));
  EXPECT_TRUE(looks_like_email("ops@localhost"));
  for (const char* text :
       {"", "a", "@b.c", "a@", "a@@b.c", "a b@c.d", "a@.c", "a@b..c", "a@b.\n"}) {
    EXPECT_FALSE(looks_like_email(text)) << text;
  }
}

}  // namespace
}  // namespace bellpull
