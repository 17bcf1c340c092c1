#include "http/percent.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace bellpull {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool percent_decode(std::string_view text, PlusSign plus, std::string& out) {
  bool valid = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '+' && plus == PlusSign::is_space) {
      out += ' ';
      continue;
    }
    const bool has_digits = c == '%' && text.size() - i >= 3;
    const int high = has_digits ? hex_digit(text[i + 1]) : -1;
    const int low = has_digits ? hex_digit(text[i + 2]) : -1;
    if (high >= 0 && low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += c;
      valid = valid && c != '%';
    }
  }
  return valid;
}

}  // namespace bellpull
