#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"

namespace bellpull {
namespace {

class SecretsTest : public ApiTest {
 protected:
  Reply create(const json::object& fields) { return post("/secret/create", fields); }
  json::object fetch(const std::string& id) { return get("/secret/" + id + "/fetch").object(); }
  Reply update(const std::string& id, const json::object& fields) {
    return post("/secret/" + id + "/update", fields);
  }
  std::string status(const std::string& path) { return post(path + "/verify").text("status"); }
};

TEST_F(SecretsTest, ShowsEveryFieldButItsValue) {
  const Reply created = create({{"name", "Key"}, {"type", "bearer"}, {"value", "hunter2"}});
  ASSERT_EQ(created.status, 200) << created.body;
  EXPECT_EQ(created.body, R"({"id":")" + created.id() + R"("})");
  const Reply fetched = get("/secret/" + created.id() + "/fetch");
  EXPECT_EQ(
      fetched.body,
      R"({"id":")" + created.id() +
          R"(","alias":null,"name":"Key","description":"","blueprintId":null,)"
          R"("kind":"shared","type":"bearer","config":null,"visibility":"private","meta":{},)"
          R"("createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z"})");
  EXPECT_EQ(get("/secret/list").body.find("hunter2"), std::string::npos);
  EXPECT_EQ(status("/secret/" + created.id()), "authenticated");
}

TEST_F(SecretsTest, AnUpdateLeavesTheValueThatItDoesNotName) {
  const std::string id = create({{"value", "x"}}).id();
  ASSERT_EQ(update(id, {{"name", "Renamed"}}).status, 200);
  EXPECT_EQ(status("/secret/" + id), "authenticated");
  ASSERT_EQ(update(id, {{"value", nullptr}}).status, 200);
  EXPECT_EQ(status("/secret/" + id), "unauthenticated");
}

TEST_F(SecretsTest, AClientSecretIsMaskedAndTheMaskMeansUnchanged) {
  const std::string id =
      create({{"type", "oauth"}, {"config", {{"clientId", "c"}, {"clientSecret", "s3cret"}}}}).id();
  const json::object shown{{"clientId", "c"}, {"clientSecret", "********"}};
  EXPECT_EQ(fetch(id).at("config"), json::value(shown));
  json::object back = shown;
  back["clientId"] = "d";
  ASSERT_EQ(update(id, {{"config", back}}).status, 200);
  EXPECT_EQ(fetch(id).at("config").at("clientId"), "d");
  EXPECT_EQ(fetch(id).at("config").at("clientSecret"), "********");

  const Reply refused = create({{"type", "oauth"}, {"config", shown}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(update(id, {{"config", nullptr}}).status, 200);
  EXPECT_TRUE(fetch(id).at("config").is_null());
}

TEST_F(SecretsTest, APersonalSecretWithAValueIsAConflict) {
  const Reply refused = create({{"kind", "personal"}, {"value", "x"}});
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.message(), "Personal secrets cannot have a value");
  const std::string id = create({{"value", "x"}}).id();
  EXPECT_EQ(update(id, {{"kind", "personal"}}).status, 409);
  EXPECT_EQ(fetch(id).at("kind"), "shared") << "nothing was changed";
  EXPECT_EQ(update(id, {{"kind", "personal"}, {"value", nullptr}}).status, 200);
  EXPECT_EQ(update(id, {{"value", "y"}}).status, 409) << "an absent kind is the kept one";
}

TEST_F(SecretsTest, BadValuesAreRefusedInPreciseWords) {
  EXPECT_EQ(create({{"type", "bearer"}, {"value", "token\n"}}).message(),
            "value must be one line without control characters: it is sent in a header");
  EXPECT_EQ(create({{"type", "ouath"}}).object().at("hint"), R"(did you mean "oauth"?)");
  EXPECT_EQ(create({{"config", 7}, {"value", 7}}).message(),
            "value must be a string; config must be an object");
}

TEST_F(SecretsTest, WithoutAnOauthFlowThereIsNoPage) {
  const std::string plain = create({{"value", "x"}}).id();
  EXPECT_EQ(post("/secret/" + plain + "/authenticate").status, 400);
  const std::string oauth = create({{"type", "oauth"}}).id();
  EXPECT_EQ(post("/secret/" + oauth + "/authenticate").status, 501);
  EXPECT_EQ(status("/secret/" + oauth), "unauthenticated");
}

TEST_F(SecretsTest, ADeletedSecretReadsAsNoReference) {
  const std::string secret = create({{"value", "x"}}).id();
  const std::string base = "/skillset/" + post("/skillset/create").id() + "/ability/";
  const std::string ability = post(base + "create", {{"secretId", secret}}).id();
  EXPECT_EQ(get(base + ability + "/fetch").text("secretId"), secret);
  ASSERT_EQ(post("/secret/" + secret + "/delete").status, 200);
  EXPECT_TRUE(get(base + ability + "/fetch").at("secretId").is_null());
  EXPECT_EQ(get("/secret/" + secret + "/fetch").status, 404);
}

TEST_F(SecretsTest, AnotherAccountIsForbidden) {
  const std::string id = create({{"alias", "key"}, {"value", "x"}}).id();
  const std::string other = other_account();
  for (const std::string verb : {"update", "delete", "verify", "revoke", "authenticate"}) {
    EXPECT_EQ(post_as(other, "/secret/" + id + "/" + verb).status, 403) << verb;
    EXPECT_EQ(post_as(other, "/secret/@key/" + verb).status, 404) << verb;
  }
  EXPECT_EQ(get_as(other, "/secret/" + id + "/fetch").status, 403);
}

class ContactSecretsTest : public SecretsTest {
 protected:
  std::string new_contact() { return post("/contact/create").id(); }
  static std::string path(const std::string& contact, const std::string& secret) {
    return "/contact/" + contact + "/secret/" + secret;
  }
  json::array listed(const std::string& contact) {
    return get("/contact/" + contact + "/secret/list").items();
  }

  const std::string ann = new_contact();
  const std::string bob = new_contact();
  const std::string secret =
      create({{"name", "Mailbox"}, {"kind", "personal"}, {"type", "bearer"}}).id();
};

TEST_F(ContactSecretsTest, EachContactHasAValueOfItsOwn) {
  EXPECT_EQ(status(path(ann, secret)), "unauthenticated");
  EXPECT_EQ(post(path(ann, secret) + "/update").message(), "value is required");
  ASSERT_EQ(post(path(ann, secret) + "/update", {{"value", "token"}}).status, 200);
  EXPECT_EQ(status(path(ann, secret)), "authenticated");
  EXPECT_EQ(status(path(bob, secret)), "unauthenticated");
  EXPECT_EQ(status("/secret/" + secret), "unauthenticated") << "there is none for everybody";

  ASSERT_EQ(listed(ann).size(), 1);
  EXPECT_EQ(
      json::serialize(listed(ann).at(0)),
      R"({"id":")" + secret +
          R"(","name":"Mailbox","description":"","type":"bearer","meta":{},)"
          R"("createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z"})");
  EXPECT_TRUE(listed(bob).empty());
  ASSERT_EQ(post(path(ann, secret) + "/revoke").status, 200);
  EXPECT_EQ(status(path(ann, secret)), "unauthenticated");
  EXPECT_TRUE(listed(ann).empty());
}

TEST_F(ContactSecretsTest, RevokingTheSecretVoidsEveryValueAtOnceAndTakesNewOnes) {
  for (const std::string& contact : {ann, bob}) {
    ASSERT_EQ(post(path(contact, secret) + "/update", {{"value", "token"}}).status, 200);
  }
  ASSERT_EQ(post("/secret/" + secret + "/revoke").status, 200);
  for (const std::string& contact : {ann, bob}) {
    EXPECT_EQ(status(path(contact, secret)), "unauthenticated");
    EXPECT_TRUE(listed(contact).empty());
  }
  ASSERT_EQ(post(path(ann, secret) + "/update", {{"value", "again"}}).status, 200);
  EXPECT_EQ(status(path(ann, secret)), "authenticated");
  EXPECT_EQ(listed(ann).size(), 1);
}

TEST_F(ContactSecretsTest, ASharedSecretHasNoContacts) {
  const std::string shared = create({{"value", "x"}}).id();
  for (const std::string verb : {"verify", "revoke", "authenticate"}) {
    EXPECT_EQ(post(path(ann, shared) + "/" + verb).status, 409) << verb;
  }
}

TEST_F(ContactSecretsTest, BothMustBeOnesOwn) {
  const std::string other = other_account();
  EXPECT_EQ(post_as(other, path(ann, secret) + "/verify").status, 403);
  const std::string theirs = post_as(other, "/contact/create").id();
  EXPECT_EQ(post_as(other, path(theirs, secret) + "/update", {{"value", "x"}}).status, 403);
  EXPECT_EQ(post(path("contact_nope", secret) + "/verify").status, 404);
}

}  // namespace
}  // namespace bellpull
