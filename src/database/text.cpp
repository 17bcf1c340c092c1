#include "database/text.h"

#include <string>
#include <string_view>

#include "base/encoding.h"

namespace bellpull {

std::string valid_text(std::string_view text) {
  if (is_utf8(text)) return std::string{text};
  std::string valid;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x80) {
      valid += c;
    } else {
      valid += "\uFFFD";
    }
  }
  return valid;
}

}  // namespace bellpull
