#include "secret/signed_token.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/encoding.h"
#include "base/time.h"

namespace bellpull {
namespace {

namespace json = boost::json;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::string pem_of(EVP_PKEY& key) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out{BIO_new(BIO_s_mem()), BIO_free};
  PEM_write_bio_PrivateKey(out.get(), &key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::vector<std::string> parts_of(const std::string& token) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t dot = token.find('.'); dot != std::string::npos; dot = token.find('.', from)) {
    parts.push_back(token.substr(from, dot - from));
    from = dot + 1;
  }
  parts.push_back(token.substr(from));
  return parts;
}

json::object decoded(const std::string& part) {
  return json::parse(from_base64(part).value()).as_object();
}

TEST(SignedTokenTest, ItIsSignedAndSaysWhatTheConfigurationSays) {
  const Key key{EVP_RSA_gen(2048), EVP_PKEY_free};
  const json::object config{{"issuer", "bellpull"},
                            {"subject", "robot"},
                            {"audience", "https://api.example"},
                            {"keyId", "k1"},
                            {"claims", json::object{{"scope", "read"}, {"exp", 1}}}};
  const auto token = sign_token(pem_of(*key), config, from_ms(1'800'000'000'900));
  ASSERT_TRUE(token);
  const auto parts = parts_of(*token);
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(token->find_first_of("+/="), std::string::npos);
  EXPECT_EQ(decoded(parts[0]), (json::object{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "k1"}}));
  EXPECT_EQ(decoded(parts[1]), (json::object{{"iss", "bellpull"},
                                             {"sub", "robot"},
                                             {"aud", "https://api.example"},
                                             {"scope", "read"},
                                             {"exp", 1'800'000'600},
                                             {"iat", 1'800'000'000}}));
  const std::string text = parts[0] + "." + parts[1];
  const std::string signature = from_base64(parts[2]).value();
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free};
  ASSERT_EQ(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()), 1);
  EXPECT_EQ(EVP_DigestVerify(
                context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                signature.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size()),
            1);
}

TEST(SignedTokenTest, AnotherKindOfKeyIsRefused) {
  const Key key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  EXPECT_FALSE(sign_token(pem_of(*key), {}, from_ms(0)));
  EXPECT_FALSE(sign_token("-----BEGIN PRIVATE KEY-----", {}, from_ms(0)));
}

}  // namespace
}  // namespace bellpull
