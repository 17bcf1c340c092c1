#include "action/webhook_signature.h"

#include <array>
#include <chrono>
#include <expected>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/encoding.h"
#include "base/result.h"
#include "base/time.h"

namespace bellpull {

namespace {

constexpr std::string_view prefix = "whsec_";

Result<std::string> key_of(std::string_view secret) {
  if (!secret.starts_with(prefix)) {
    if (secret.empty()) return fail(ErrorCode::invalid, "secret is empty");
    return std::string(secret);
  }
  auto key = from_base64(secret.substr(prefix.size()));
  if (!key || key->empty()) {
    return fail(ErrorCode::invalid, "secret begins with whsec_, but no base64 is behind it");
  }
  return *key;
}

}  // namespace

std::string webhook_timestamp(TimePoint time) {
  return fmt::format("{}",
                     std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

Result<std::string> webhook_signature(std::string_view secret, std::string_view id, TimePoint time,
                                      std::string_view body) {
  const auto key = key_of(secret);
  if (!key) return std::unexpected(key.error());
  const std::string text = fmt::format("{}.{}.{}", id, webhook_timestamp(time), body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key->data(), static_cast<int>(key->size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return "v1," + to_base64({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace bellpull
