#include <string>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"

namespace bellpull {
namespace {

using ContactsTest = ApiTest;

TEST_F(ContactsTest, IsFetchedWithEveryField) {
  const std::string id = post("/contact/create", {{"name", "Ann"},
                                                  {"fingerprint", "0123456789abcdef"},
                                                  {"email", "Ann@Example.com"},
                                                  {"phone", "+47 22 33 44 55"}})
                             .id();
  EXPECT_EQ(
      get("/contact/" + id + "/fetch").body,
      R"({"id":")" + id +
          R"(","name":"Ann","description":"","fingerprint":"0123456789abcdef",)"
          R"("email":"Ann@Example.com","phone":"+4722334455","nick":null,)"
          R"("preferences":null,"verifiedAt":null,"meta":{},)"
          R"("createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z"})");
}

TEST_F(ContactsTest, AlwaysHasAFingerprintThatNoOtherHas) {
  const std::string id = post("/contact/create").id();
  const std::string made = get("/contact/" + id + "/fetch").text("fingerprint");
  EXPECT_GE(made.size(), 16U);
  EXPECT_EQ(post("/contact/create", {{"fingerprint", made}}).status, 409);
  EXPECT_EQ(post("/contact/create", {{"fingerprint", "short"}}).message(),
            "fingerprint must be at least 16 bytes");
  post("/contact/" + id + "/update", {{"fingerprint", nullptr}});
  EXPECT_EQ(get("/contact/" + id + "/fetch").text("fingerprint"), made);
}

TEST_F(ContactsTest, ABadEmailIsRefusedAndAnOddPhoneIsKept) {
  EXPECT_EQ(post("/contact/create", {{"email", "not one"}}).message(),
            "email must be an e-mail address");
  const std::string id = post("/contact/create", {{"phone", "555-0123"}}).id();
  EXPECT_EQ(get("/contact/" + id + "/fetch").at("phone"), "555-0123");
}

TEST_F(ContactsTest, IsVerifiedAtATimeInEitherForm) {
  const std::string id = post("/contact/create", {{"verifiedAt", "2025-12-31T23:00:00Z"}}).id();
  EXPECT_EQ(get("/contact/" + id + "/fetch").at("verifiedAt"), "2025-12-31T23:00:00.000Z");
  post("/contact/" + id + "/update", {{"verifiedAt", 1000}});
  EXPECT_EQ(get("/contact/" + id + "/fetch").at("verifiedAt"), "1970-01-01T00:00:01.000Z");
  EXPECT_EQ(post("/contact/" + id + "/update", {{"verifiedAt", "soon"}}).status, 400);
}

TEST_F(ContactsTest, EnsureFindsOrMakesATrustedOneByItsFingerprint) {
  const json::object ann{{"fingerprint", "ann-0123456789ab"}, {"name", "Ann"}};
  const std::string id = post("/contact/ensure", ann).id();
  EXPECT_EQ(get("/contact/" + id + "/fetch").at("verifiedAt"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(post("/contact/ensure", {{"fingerprint", "ann-0123456789ab"}, {"name", "other"}}).id(),
            id);
  EXPECT_EQ(get("/contact/" + id + "/fetch").at("name"), "Ann") << "it is returned unchanged";
}

TEST_F(ContactsTest, EnsureWithoutAFingerprintGoesByWhatIsGiven) {
  const std::string by_email = post("/contact/create", {{"email", "ann@example.com"}}).id();
  EXPECT_EQ(post("/contact/ensure", {{"email", "ANN@example.com"}}).id(), by_email);

  const std::string by_name = post("/contact/ensure", {{"name", "Monitor"}}).id();
  EXPECT_EQ(post("/contact/ensure", {{"name", "Monitor"}}).id(), by_name);
  EXPECT_NE(post("/contact/ensure", {{"name", "Other"}}).id(), by_name);
  EXPECT_EQ(get("/contact/" + by_name + "/fetch").at("verifiedAt"), nullptr);
  EXPECT_EQ(post("/contact/ensure").status, 400);
}

TEST_F(ContactsTest, IsListedByEmailPhoneOrFingerprint) {
  const std::string ann =
      post("/contact/create", {{"email", "ann@example.com"}, {"fingerprint", "a,b,c-0123456789"}})
          .id();
  post("/contact/create", {{"phone", "+4722334455"}});
  EXPECT_EQ(get("/contact/list?email=Ann@example.com").items().at(0).at("id"), ann.c_str());
  EXPECT_EQ(get("/contact/list?fingerprint=a,b,c-0123456789").items().size(), 1U);
  EXPECT_EQ(get("/contact/list?phone=%2B47+22+33+44+55").items().size(), 1U);
  EXPECT_EQ(get("/contact/list").items().size(), 2U);
}

TEST_F(ContactsTest, ItsConversationsStayWhenItGoes) {
  const std::string ann = post("/contact/create").id();
  const std::string conversation = post("/conversation/create", {{"contactId", ann}}).id();
  post("/conversation/create");
  EXPECT_EQ(get("/contact/" + ann + "/conversation/list").items().size(), 1U);

  EXPECT_EQ(post("/contact/" + ann + "/delete").id(), ann);
  EXPECT_EQ(get("/conversation/" + conversation + "/fetch").at("contactId"), nullptr);
  EXPECT_EQ(get("/contact/" + ann + "/conversation/list").status, 404);
}

TEST_F(ContactsTest, WhatIsNotBuiltOfItIsAnEmptyList) {
  const std::string ann = post("/contact/create").id();
  for (const std::string what : {"task", "secret", "space", "memory", "rating"}) {
    EXPECT_EQ(get("/contact/" + ann + "/" + what + "/list").body, R"({"items":[]})") << what;
  }
  EXPECT_EQ(get("/contact/contact_x/task/list").status, 404);
}

}  // namespace
}  // namespace bellpull
