#include "http/header_lines.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "http/text.h"

namespace bellpull {

namespace {

// Names and values are whole lines of their own; a reply usually has two or three short ones.
constexpr std::size_t usual_size = 192;

bool breaks_lines(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < ' ' || byte == 0x7f;
}

void append_clean(std::string& out, std::string_view text) {
  const std::size_t start = out.size();
  out += text;
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), breaks_lines, ' ');
}

}  // namespace

void HeaderLines::add(std::string_view name, std::string_view value) {
  if (lines_.empty()) lines_.reserve(usual_size);
  append_clean(lines_, name);
  lines_ += ": ";
  append_clean(lines_, value);
  lines_ += "\r\n";
}

bool HeaderLines::has(std::string_view name) const {
  std::string_view rest = lines_;
  while (!rest.empty()) {
    if (rest.size() > name.size() && rest[name.size()] == ':' &&
        equals_ignoring_case(rest.substr(0, name.size()), name)) {
      return true;
    }
    rest.remove_prefix(rest.find('\n') + 1);
  }
  return false;
}

}  // namespace bellpull
