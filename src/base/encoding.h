// Bytes as text: hex, base32 in Crockford's alphabet (lower case, without i, l, o, u), base64, and
// what a URL may hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bellpull {

std::string to_hex(std::span<const std::uint8_t> bytes);
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);

// Five bits a digit, most significant first, zero bits added at the end.
std::string to_base32(std::span<const std::uint8_t> bytes);
// Nothing for a foreign digit, an impossible length, or added bits that are not zero.
std::optional<std::vector<std::uint8_t>> from_base32(std::string_view text);

// A number without leading zeros ("0" for 0), or padded with zeros to `width`.
std::string to_base32(std::uint64_t value, std::size_t width = 1);
// Nothing for an empty text, a foreign digit or a value over 63 bits.
std::optional<std::int64_t> number_from_base32(std::string_view text);

// The standard alphabet of RFC 4648, with padding.
std::string to_base64(std::string_view bytes);

// Of either alphabet of RFC 4648, with or without its padding; blanks and line ends are skipped.
// Nothing for a foreign character or an impossible length.
std::optional<std::string> from_base64(std::string_view text);

// Everything but letters, digits, '-', '.', '_' and '~' as %XX.
std::string percent_encode(std::string_view text);

// Valid UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace bellpull
