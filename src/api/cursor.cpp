#include "api/cursor.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/encoding.h"

namespace bellpull {

namespace {

constexpr std::size_t check_digits = 4;

// FNV-1a over both, folded to 20 bits. It catches mistakes; a cursor is no secret.
std::string check_of(std::string_view kind, std::int64_t number) {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto mix = [&hash](std::uint8_t byte) { hash = (hash ^ byte) * 1099511628211ULL; };
  for (const char c : kind) mix(static_cast<std::uint8_t>(c));
  for (int shift = 0; shift < 64; shift += 8) {
    mix(static_cast<std::uint8_t>(static_cast<std::uint64_t>(number) >> shift));
  }
  hash ^= hash >> 32;
  hash ^= hash >> 20;
  return to_base32(hash & 0xFFFFF, check_digits);
}

}  // namespace

std::string to_cursor(std::string_view kind, std::int64_t number) {
  return check_of(kind, number) + to_base32(static_cast<std::uint64_t>(number));
}

std::optional<std::int64_t> from_cursor(std::string_view kind, std::string_view text) {
  if (text.size() <= check_digits) return std::nullopt;
  const auto number = number_from_base32(text.substr(check_digits));
  if (!number || *number <= 0 || to_cursor(kind, *number) != text) return std::nullopt;
  return number;
}

}  // namespace bellpull
