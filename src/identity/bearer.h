// The credential in an Authorization header, and the form of our own tokens.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace bellpull {

// The token of "Bearer <token>"; the scheme in any case. Nothing for another scheme or no token.
std::optional<std::string_view> bearer_token(std::string_view authorization);

// "sk-" and 64 lower-case hex digits. Anything else cannot be a token, so nobody looks for it.
inline constexpr std::string_view token_prefix = "sk-";
inline constexpr std::size_t token_secret_bytes = 32;
bool has_token_form(std::string_view text);

}  // namespace bellpull
