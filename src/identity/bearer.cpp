#include "identity/bearer.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace bellpull {

namespace {

constexpr std::string_view scheme = "bearer";

bool is_blank(char c) { return c == ' ' || c == '\t'; }

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::optional<std::string_view> bearer_token(std::string_view authorization) {
  if (authorization.size() <= scheme.size() || !is_blank(authorization[scheme.size()])) return {};
  const std::string_view given = authorization.substr(0, scheme.size());
  if (!std::ranges::equal(given, scheme, {}, to_lower)) return {};

  std::string_view token = authorization.substr(scheme.size());
  while (!token.empty() && is_blank(token.front())) token.remove_prefix(1);
  while (!token.empty() && is_blank(token.back())) token.remove_suffix(1);
  if (token.empty()) return {};
  return token;
}

bool has_token_form(std::string_view text) {
  if (!text.starts_with(token_prefix)) return false;
  text.remove_prefix(token_prefix.size());
  return text.size() == 2 * token_secret_bytes && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace bellpull
