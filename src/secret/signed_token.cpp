#include "secret/signed_token.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/encoding.h"
#include "base/result.h"
#include "base/time.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// Base64url without padding (RFC 7515, 2).
std::string segment(std::string_view bytes) {
  std::string text = to_base64(bytes);
  text.erase(std::min(text.find('='), text.size()));
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Key read_key(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> text{
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free};
  const auto no_passphrase = [](char*, int, int, void*) { return 0; };
  return {PEM_read_bio_PrivateKey(text.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free};
}

std::string signature(EVP_PKEY& key, std::string_view text) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free};
  std::size_t size = 0;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, &key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1) {
    return {};
  }
  std::vector<unsigned char> made(size);
  if (EVP_DigestSign(context.get(), made.data(), &size, bytes, text.size()) != 1) return {};
  return {reinterpret_cast<const char*>(made.data()), size};
}

json::object claims_of(const json::object& config, TimePoint now) {
  json::object claims;
  for (const auto& [member, claim] :
       {std::pair{"issuer", "iss"}, {"subject", "sub"}, {"audience", "aud"}}) {
    if (const auto* value = config.if_contains(member)) claims[claim] = *value;
  }
  if (const auto* more = config.if_contains("claims"); more != nullptr && more->is_object()) {
    for (const auto& claim : more->get_object()) claims[claim.key()] = claim.value();
  }
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  claims["iat"] = seconds;
  claims["exp"] =
      seconds + std::chrono::duration_cast<std::chrono::seconds>(signed_token_lifetime).count();
  return claims;
}

}  // namespace

bool is_private_key(const std::string& value) { return value.starts_with("-----BEGIN"); }

Result<std::string> sign_token(const std::string& private_key, const json::object& config,
                               TimePoint now) {
  const Key key = read_key(private_key);
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    return fail(ErrorCode::invalid, "the key is no RSA private key without a passphrase");
  }
  json::object header{{"alg", "RS256"}, {"typ", "JWT"}};
  if (const auto* id = config.if_contains("keyId"); id != nullptr && id->is_string()) {
    header["kid"] = *id;
  }
  std::string token =
      segment(json::serialize(header)) + "." + segment(json::serialize(claims_of(config, now)));
  const std::string made = signature(*key, token);
  if (made.empty()) return fail(ErrorCode::invalid, "the key could not sign");
  return token + "." + segment(made);
}

}  // namespace bellpull
