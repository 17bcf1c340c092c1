#include "vault/vault.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <tuple>

#include <sodium.h>

#include "base/encoding.h"
#include "base/private_file.h"
#include "base/result.h"

namespace bellpull {

namespace {

constexpr char sealed_version = 1;
constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t mac_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(crypto_hash_sha256_BYTES == std::tuple_size_v<Digest>);
static_assert(crypto_auth_hmacsha256_BYTES == std::tuple_size_v<Digest>);
static_assert(crypto_auth_hmacsha256_KEYBYTES == std::tuple_size_v<Digest>);

void start_sodium() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
}

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string trimmed(std::string text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  text.resize(end == std::string::npos ? 0 : end + 1);
  return text;
}

}  // namespace

Digest digest_of(std::string_view secret) {
  Digest digest{};
  crypto_hash_sha256(digest.data(), bytes(secret), secret.size());
  return digest;
}

// Every event's secret is compared, so most of it is compared in large pieces.
bool equal_secrets(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  int differences = 0;
  while (left.size() >= crypto_verify_64_BYTES) {
    differences |= crypto_verify_64(bytes(left), bytes(right));
    left.remove_prefix(crypto_verify_64_BYTES);
    right.remove_prefix(crypto_verify_64_BYTES);
  }
  differences |= sodium_memcmp(left.data(), right.data(), left.size());
  return differences == 0;
}

bool equal_digests(const Digest& left, const Digest& right) {
  return sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

Vault::Vault(const std::array<unsigned char, key_size>& key) : key_(key) { start_sodium(); }

Vault::Vault(Vault&& other) noexcept : key_(other.key_) {
  sodium_memzero(other.key_.data(), other.key_.size());
}

Vault::~Vault() { sodium_memzero(key_.data(), key_.size()); }

Result<Vault> Vault::from_hex(std::string_view key) {
  const auto raw = bellpull::from_hex(key);
  if (!raw || raw->size() != key_size) {
    return fail(ErrorCode::invalid, "the master key is not 64 lower-case hex digits",
                "make one with: openssl rand -hex 32");
  }
  std::array<unsigned char, key_size> bytes{};
  std::ranges::copy(*raw, bytes.begin());
  return Vault{bytes};
}

Result<Vault> Vault::from_file(const std::filesystem::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) {
    if (errno == ENOENT) return fail(ErrorCode::not_found, file.string() + " is missing");
    throw std::system_error(errno, std::generic_category(), file.string());
  }
  if ((status.st_mode & 077) != 0) {
    return fail(ErrorCode::invalid, file.string() + " can be read by others",
                "close it with: chmod 600 " + file.string());
  }
  std::ifstream stream{file};
  if (!stream) throw std::system_error(errno, std::generic_category(), file.string());
  const std::string text{std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
  auto vault = from_hex(trimmed(text));
  if (!vault) vault.error().message = file.string() + ": " + vault.error().message;
  return vault;
}

Vault Vault::make_file(const std::filesystem::path& file) {
  start_sodium();
  std::array<unsigned char, key_size> key{};
  randombytes_buf(key.data(), key.size());
  write_private_file(file, to_hex(key) + "\n");
  return Vault{key};
}

std::string Vault::seal(std::string_view plain, std::string_view place) const {
  std::string sealed(1 + nonce_size + plain.size() + mac_size, '\0');
  sealed[0] = sealed_version;
  unsigned char* nonce = bytes(sealed) + 1;
  randombytes_buf(nonce, nonce_size);
  crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + nonce_size, nullptr, bytes(plain),
                                             plain.size(), bytes(place), place.size(), nullptr,
                                             nonce, key_.data());
  return sealed;
}

Digest Vault::sign(std::string_view text, std::string_view purpose) const {
  Digest key{};
  crypto_auth_hmacsha256_state derivation{};
  crypto_auth_hmacsha256_init(&derivation, key_.data(), key_.size());
  constexpr std::string_view use = "bellpull signature: ";
  crypto_auth_hmacsha256_update(&derivation, bytes(use), use.size());
  crypto_auth_hmacsha256_update(&derivation, bytes(purpose), purpose.size());
  crypto_auth_hmacsha256_final(&derivation, key.data());
  Digest signature{};
  crypto_auth_hmacsha256(signature.data(), bytes(text), text.size(), key.data());
  sodium_memzero(key.data(), key.size());
  return signature;
}

std::optional<std::string> Vault::open(std::string_view sealed, std::string_view place) const {
  if (sealed.size() < 1 + nonce_size + mac_size || sealed[0] != sealed_version) return std::nullopt;
  const unsigned char* nonce = bytes(sealed) + 1;
  const std::string_view cipher = sealed.substr(1 + nonce_size);
  std::string plain(cipher.size() - mac_size, '\0');
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      bytes(plain), nullptr, nullptr, bytes(cipher), cipher.size(), bytes(place), place.size(),
      nonce, key_.data());
  if (failed != 0) return std::nullopt;
  return plain;
}

}  // namespace bellpull
