#include "domain/event.h"

#include <gtest/gtest.h>

#include "domain/contact.h"

namespace bellpull {
namespace {

TEST(SessionKeyTest, TheSendersWordComesBeforeTheContact) {
  const ContactClaim ann{.name = "Ann", .email = "Ann@Example.com", .phone = "555-0123"};
  EXPECT_EQ(session_key_of("order_1", ann).text(), "s:order_1");
  EXPECT_EQ(session_key_of("", ann).text(), "e:ann@example.com");
  EXPECT_EQ(session_key_of("", {.phone = "555-0123"}).text(), "p:555-0123");
  EXPECT_TRUE(session_key_of("", {.name = "Ann"}).empty());
}

TEST(SessionKeyTest, KeysOfDifferentTypesAreDifferentSessions) {
  const SessionKey named = SessionKey::named("a@b.c");
  const SessionKey email = SessionKey::email("a@b.c");
  EXPECT_NE(named.text(), email.text());
  EXPECT_NE(session_number({1}, named), session_number({1}, email));
  EXPECT_NE(session_number({1}, named), session_number({2}, named));
  EXPECT_EQ(session_number({1}, named), session_number({1}, SessionKey::stored("s:a@b.c")));
  EXPECT_EQ(session_number({1}, named), 5141470481602325022) << "it is kept on disk";
}

}  // namespace
}  // namespace bellpull
