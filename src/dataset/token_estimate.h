// How many tokens of a model a text is, without asking one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bellpull {

// English prose has about four bytes to a token; other scripts have fewer tokens than this says.
inline constexpr std::int64_t bytes_of_token = 4;

inline std::int64_t estimated_tokens(std::string_view text) {
  return (static_cast<std::int64_t>(text.size()) + bytes_of_token - 1) / bytes_of_token;
}

// `text` up to a number of bytes, without half a character at its end.
inline std::string_view cut_text(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace bellpull
