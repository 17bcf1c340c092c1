#include "mail/quoted_printable.h"

#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/core.h>

namespace bellpull {

namespace {

constexpr std::size_t max_line = 76;

bool is_line_break(std::string_view text, std::size_t at) {
  return at == text.size() || text[at] == '\r' || text[at] == '\n';
}

// A blank before a line break would get lost on the way.
std::string encoded(std::string_view text, std::size_t at) {
  const char c = text[at];
  const bool is_blank = c == ' ' || c == '\t';
  const bool is_itself = is_blank ? !is_line_break(text, at + 1) : c > 0x20 && c < 0x7F && c != '=';
  return is_itself ? std::string(1, c) : fmt::format("={:02X}", static_cast<unsigned char>(c));
}

}  // namespace

std::string to_quoted_printable(std::string_view text) {
  std::string result;
  std::size_t line = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_line_break(text, i)) {
      if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
      result += "\r\n";
      line = 0;
      continue;
    }
    const std::string next = encoded(text, i);
    // Room is left for the "=" that goes on in the next line.
    if (line + next.size() > max_line - 1) {
      result += "=\r\n";
      line = 0;
    }
    result += next;
    line += next.size();
  }
  return result;
}

}  // namespace bellpull
