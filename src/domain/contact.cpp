#include "domain/contact.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace bellpull {

namespace {

constexpr std::size_t max_email_bytes = 254;  // RFC 5321, 4.5.3.1.3
constexpr std::size_t min_e164_digits = 8;
constexpr std::size_t max_e164_digits = 15;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

std::string email_key(std::string_view email) {
  std::string key{trimmed(email)};
  std::ranges::transform(key, key.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return key;
}

std::string normalise_phone(std::string_view phone) {
  const std::string_view text = trimmed(phone);
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (std::string_view{"+ -./()"}.find(c) == std::string_view::npos ||
               (c == '+' && !digits.empty())) {
      return std::string{text};
    }
  }
  const bool international = text.starts_with('+');
  if (!international && !digits.starts_with("00")) return std::string{text};
  if (!international) digits.erase(0, 2);
  if (digits.size() < min_e164_digits || digits.size() > max_e164_digits || digits.front() == '0') {
    return std::string{text};
  }
  return "+" + digits;
}

bool looks_like_email(std::string_view text) {
  if (text.size() > max_email_bytes) return false;
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return false;
  if (text.find('@') != at) return false;
  const bool printable = std::ranges::all_of(text, [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7F && c != ',' && c != ';' && c != '<' &&
           c != '>';
  });
  const std::string_view domain = text.substr(at + 1);
  return printable && !domain.starts_with('.') && !domain.ends_with('.') &&
         domain.find("..") == std::string_view::npos;
}

}  // namespace bellpull
