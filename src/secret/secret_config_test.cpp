#include "secret/secret_config.h"

#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "domain/secret.h"

namespace bellpull {
namespace {

namespace json = boost::json;

json::object object(std::string_view text) { return json::parse(text).as_object(); }

TEST(SecretConfigTest, MasksSecretMembersAtAnyDepthAndNothingElse) {
  const json::object config = object(
      R"({"clientId":"c","clientSecret":"s","client_secret":"t","tokenUrl":"https://t","more":[{"Password":"p"}],"scope":7})");
  EXPECT_EQ(masked(config), object(R"({"clientId":"c","clientSecret":"********",)"
                                   R"("client_secret":"********","tokenUrl":"https://t",)"
                                   R"("more":[{"Password":"********"}],"scope":7})"));
  EXPECT_EQ(without_secrets(config),
            object(R"({"clientId":"c","tokenUrl":"https://t","more":[{}],"scope":7})"));
}

TEST(SecretConfigTest, MasksWhateverASecretMemberHoldsByHowItsNameEnds) {
  const json::object config = object(
      R"({"token":"a","secretKey":"b","signing_secret":"c","password":12345,"user_token":["d"],)"
      R"("secret":{"value":"e"},"PRIVATE-KEY":"f","passphrase":true,"tokens":["g"],)"
      R"("keyId":"shown","tokenUrl":"https://t","apiKey":null})");
  const json::object shown = masked(config);
  for (const auto& [name, value] : shown) {
    const bool is_open = name == "keyId" || name == "tokenUrl" || name == "apiKey";
    EXPECT_EQ(value == "********", !is_open) << name;
  }
  EXPECT_EQ(without_secrets(config),
            object(R"({"keyId":"shown","tokenUrl":"https://t","apiKey":null})"));
  const auto same = unmasked(shown, config);
  ASSERT_TRUE(same);
  EXPECT_EQ(*same, config) << "a mask that is sent back keeps what is there, of any type";
}

TEST(SecretConfigTest, AMaskSentBackMeansWhatIsKept) {
  const json::object kept = object(R"({"clientSecret":"s","more":[{"password":"p"}],"a":1})");
  const auto same = unmasked(masked(kept), kept);
  ASSERT_TRUE(same);
  EXPECT_EQ(*same, kept);
  EXPECT_EQ(unmasked(object(R"({"clientSecret":"new"})"), kept).value(),
            object(R"({"clientSecret":"new"})"));
}

TEST(SecretConfigTest, AMaskForNothingIsRefusedWithItsPlace) {
  const auto refused = unmasked(object(R"({"clientSecret":"********"})"), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "config.clientSecret is a mask, and nothing is kept that it could stand for");
}

TEST(SecretConfigTest, AnOauthConfigurationIsToldEveryProblem) {
  const auto refused = check_secret_config(
      SecretType::oauth,
      object(
          R"({"tokenUrl":"ftp://x","authorization_url":"https:// x","clientId":7,"scopes":[1]})"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "config.tokenUrl must be a URL that begins with https:// or http://; "
            "config.authorization_url must be a URL that begins with https:// or http://; "
            "config.clientId must be a string; "
            "config.scopes must be a string or a list of strings");
  EXPECT_TRUE(check_secret_config(
      SecretType::oauth, object(R"({"tokenUrl":"https://x/token","scope":"a b","other":1})")));
}

TEST(SecretConfigTest, ATemplateIsNamed) {
  EXPECT_FALSE(check_secret_config(SecretType::templated, {}));
  EXPECT_TRUE(check_secret_config(SecretType::templated, object(R"({"template":"github"})")));
  EXPECT_TRUE(check_secret_config(SecretType::plain, object(R"({"tokenUrl":7})")));
}

TEST(SecretConfigTest, HostsAreHostsOfAnyType) {
  for (const auto* hosts :
       {R"("api.example.com")", R"(["*.example.com", "10.0.0.7:8443", "[::1]:80"])", "null"}) {
    EXPECT_TRUE(check_secret_config(SecretType::plain, {{"hosts", boost::json::parse(hosts)}}))
        << hosts;
  }
  for (const auto* hosts : {"[]", "7", R"("")", R"("*.")", R"(["https://x.example/"])",
                            R"(["a b"])", R"({"a":1})", R"(["x.example/path"])"}) {
    EXPECT_FALSE(check_secret_config(SecretType::bearer, {{"hosts", boost::json::parse(hosts)}}))
        << hosts;
  }
}

}  // namespace
}  // namespace bellpull
