#include "secret/sealed_secret.h"

#include <string>

#include <gtest/gtest.h>

#include "base/result.h"
#include "domain/secret.h"
#include "vault/vault.h"

namespace bellpull {
namespace {

// Of this test alone.
const std::string rsa_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDlOrXesLiYJGh+\n"
    "quFK88V5zzKBWvbRR2/DT0ZTVATTpRrFexd3t39hR5HXp/It0EWwyO3W4h47412I\n"
    "j+kBFfDmOLqcUXgidgf/C7o/baKyuuKtP8vG7BYmoy9WBkHkVBNe8gbafC03EtIY\n"
    "6sf+xs8vpdDWpdyMRHcwn27/KTol7GRvM8Ord0SmSaITe4ytorDbt+Sak7zvGzKa\n"
    "qb9KUh5dl0w+aI74EU5v6jIC9Ur9I/FviA6HzyIM8lLOvkfxsKf+H96wbt2WzBhB\n"
    "cLUCHXsBQLekmPhI4OoM4zBUJN6ypMfDfZcgnH2XyCxiq+yB1asdebQH7B0YlBJX\n"
    "l5jkGvWHAgMBAAECggEAZf60GsSmNigJCMdu3ENQTE1Jqy324ZK4I368C2q4hRWT\n"
    "LmiBPib7OiU2uu7C/uiLgcg9r53IFxypKxDhe7awDDgUrGZBno/HKhAlTICzYnRu\n"
    "VOksejPk/Uch0lSRcA+K2PW23/NdyQIKUsTwvSfn20sb+84sLotuP0fJgyZsdZ98\n"
    "J4Fts/nfMmMV3034hnlQwVW6LCUQUICV6k/b0MhuRO6iJs+M0HjUB0agA5JMVCp0\n"
    "zHvI5LTf1eKjMuYh6euU37GhyO93JBbiGUZciGrhvSiFtsPcxQhMbJFFiEd2X56r\n"
    "kuA8LrYhIyatvWBKP4uzR8BV6ixbRKqUpPkYLNzRGQKBgQD8GeFW0riHmQAZq0pZ\n"
    "XF+TnyBWDgGFjTlsgBoGS0XIvt6jacjijeTo64o9Ig1da5D7t1J6jGDpnnhRFwDj\n"
    "HiNe+okGUn0THYbpEXMT+v2c64gjJDsBFj5GW3gjPuexfDFspHlHKOshs24LY6YU\n"
    "zKMK0qk4DgHNW0S5SGIXIMDULwKBgQDoxka3cDIANp7kph7hU5KLaWwQy6MtfyJq\n"
    "EezEB73aqH0jG/2mzgUmaIkH7EAFkPzdmGyXvVj2M1QMyshvYfXhSIj5fDL5bF6K\n"
    "crqiPuOx5BmN1M2EAmzCOkJULwKANoibsvZTsLh8BCs0wvlltIWwrtz9DuPrvxop\n"
    "d83mdWYmKQKBgQCy1UEOsCiKuDRkASiav3ZlZ+ouYX0e2hG0MCNF97unLg8NaQtB\n"
    "+1o5CG1l9HP6o0WT6nWtzUsqLmo3S9QrSMPaqmrtezKSjs2XI/O4ZsHlwQcvtpHM\n"
    "sZS3oEdW6Va+htUgtoP5wMMbgwc7ORMligzWrp2vz+/jVy0nKnu64FcprQKBgQCL\n"
    "n/tlJyBm7lyLDHYzdJzPkRHoVS3xKXRsKYpa38Xq9evx9mVE/Aksy8F+hiC09g4n\n"
    "oblpn4NQUuOUtMJbxWfmlUrMU8qDwJRI+Z6nmY+c8hS99aq9B3NTYfzNYFFgtNVm\n"
    "h4eoFbXjdeCwyk8syYbzv0ABb0AZ9cxsmVdhaIQ4WQKBgFV+KYATAnIzV9hiEkYR\n"
    "Wex460t1gPF0OQFmc85/emtfzPDgQzxBpTkDu45t9p+wpOdNmdApJXTFj1cuIo1m\n"
    "oLfHTBtWI+7H767T6esnGJ/Rvi05nnqUCAM+2G5Ue+7Pqu9w+29kHVusARVyVWXo\n"
    "UIjWXf1sMjY9zOEwB375x43s\n"
    "-----END PRIVATE KEY-----\n";

class SealedSecretTest : public testing::Test {
 protected:
  const Vault vault = *Vault::from_hex(std::string(64, 'a'));
};

TEST_F(SealedSecretTest, AValueOpensInItsOwnRowOnly) {
  Secret secret{.id = {.key = {7}}};
  secret.new_value = "hunter2";
  secret.new_config = R"({"clientSecret":"s"})";
  seal_given(vault, secret);
  EXPECT_EQ(secret_value(vault, secret), "hunter2");
  EXPECT_TRUE(secret_config(vault, secret));
  EXPECT_EQ(secret.sealed_value.find("hunter2"), std::string::npos);
  EXPECT_FALSE(secret.new_value || secret.new_config) << "nothing is left in the clear";

  Secret other = secret;
  other.id.key = {8};
  EXPECT_FALSE(secret_value(vault, other));
  other = secret;
  other.sealed_value = secret.sealed_config;
  EXPECT_FALSE(secret_value(vault, other)) << "a configuration is no value";
}

TEST_F(SealedSecretTest, APersonalSecretHasNoValueOfItsOwn) {
  Secret personal{.kind = SecretUse::personal};
  personal.new_value = "x";
  EXPECT_EQ(check_and_merge(vault, Secret{}, personal).error().code, ErrorCode::conflict);

  Secret kept{.id = {.key = {1}}};
  kept.new_value = "x";
  seal_given(vault, kept);
  Secret changed = kept;
  changed.kind = SecretUse::personal;
  const auto refused = check_and_merge(vault, kept, changed);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "Personal secrets cannot have a value");
  changed.new_value = "";
  EXPECT_TRUE(check_and_merge(vault, kept, changed));
}

TEST_F(SealedSecretTest, AKeptValueIsJudgedByANewType) {
  Secret kept{.id = {.key = {1}}};
  kept.new_value = "two\nlines";
  seal_given(vault, kept);
  Secret changed = kept;
  changed.type = SecretType::bearer;
  const auto refused = check_and_merge(vault, kept, changed);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message.find("two"), std::string::npos);
}

TEST(SecretValueTest, APemThatIsNoRsaKeyIsRefused) {
  EXPECT_TRUE(check_secret_value(SecretType::jwt, rsa_key));
  std::string broken = rsa_key;
  broken.erase(100, 30);
  EXPECT_FALSE(check_secret_value(SecretType::jwt, broken));
  EXPECT_FALSE(check_secret_value(SecretType::jwt, "-----BEGIN PRIVATE KEY----- one line"));
  EXPECT_TRUE(check_secret_value(SecretType::plain, broken));
  EXPECT_TRUE(check_secret_value(SecretType::jwt, "what is no PEM is not judged"));
}

}  // namespace
}  // namespace bellpull
