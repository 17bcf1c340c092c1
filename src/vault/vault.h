// Seals what must not be readable in the database: trigger secrets and, later, account secrets.
//
// Format: one version byte, a 24-byte nonce, XChaCha20-Poly1305 (libsodium's
// crypto_aead_xchacha20poly1305_ietf) under the master key, with the place of use as associated
// data, so that a sealed value copied elsewhere does not open.
//
// Threads: any.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bellpull {

using Digest = std::array<std::uint8_t, 32>;

// SHA-256. For secrets of 256 random bits, which need no slow hash.
Digest digest_of(std::string_view secret);
// In a time that does not depend on where the two differ; all secrets of ours have one length,
// which is no secret.
bool equal_secrets(std::string_view left, std::string_view right);
bool equal_digests(const Digest& left, const Digest& right);

class Vault {
 public:
  // The key as 64 hex digits (BELLPULL_MASTER_KEY).
  static Result<Vault> from_hex(std::string_view key);
  // Fails when the file is missing, malformed or open to others; throws when the disk does.
  static Result<Vault> from_file(const std::filesystem::path& file);
  // With a new key in a new file, readable by its owner only and flushed to disk. Throws when the
  // disk does.
  static Vault make_file(const std::filesystem::path& file);

  Vault(Vault&&) noexcept;
  Vault& operator=(Vault&&) = delete;
  ~Vault();

  std::string seal(std::string_view plain, std::string_view place) const;
  // Nothing when it was sealed with another key or for another place, or was changed.
  std::optional<std::string> open(std::string_view sealed, std::string_view place) const;

  // HMAC-SHA-256 of `text`, under a key that is made of the master key for one purpose.
  Digest sign(std::string_view text, std::string_view purpose) const;

 private:
  static constexpr std::size_t key_size = 32;
  explicit Vault(const std::array<unsigned char, key_size>& key);

  std::array<unsigned char, key_size> key_;
};

}  // namespace bellpull
