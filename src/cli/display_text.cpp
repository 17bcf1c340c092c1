#include "cli/display_text.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/time.h"

namespace bellpull::cli {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::string_view ellipsis = "\xE2\x80\xA6";

struct Character {
  std::string_view bytes;
  char32_t code = 0;  // 0xFFFD when the bytes are no character
};

Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {text.substr(0, 1), lead};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (text.size() < size || !is_utf8(text.substr(0, size))) return {text.substr(0, 1), 0xFFFD};
  char32_t code = lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  return {text.substr(0, size), code};
}

// Controls, and what turns the direction of writing around: text could show as another one.
bool is_control(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0x2028 || code == 0x2029 || code == 0xFFFD;
}

bool is_combining(char32_t code) {
  return (code >= 0x300 && code <= 0x36F) || (code >= 0x200B && code <= 0x200F) ||
         (code >= 0x20D0 && code <= 0x20FF) || (code >= 0xFE00 && code <= 0xFE0F);
}

bool is_wide(char32_t code) {
  constexpr std::array<std::pair<char32_t, char32_t>, 9> ranges{{{0x1100, 0x115F},
                                                                 {0x2E80, 0x303E},
                                                                 {0x3041, 0xA4CF},
                                                                 {0xAC00, 0xD7A3},
                                                                 {0xF900, 0xFAFF},
                                                                 {0xFE30, 0xFE6F},
                                                                 {0xFF00, 0xFF60},
                                                                 {0x1F300, 0x1FAFF},
                                                                 {0x20000, 0x3FFFD}}};
  return std::ranges::any_of(
      ranges, [code](const auto& range) { return code >= range.first && code <= range.second; });
}

std::size_t width_of(char32_t code) {
  if (is_combining(code)) return 0;
  return is_wide(code) ? 2 : 1;
}

template <class Visit>
void for_each_character(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const Character next = first_character(text);
    if (!visit(next)) return;
    text.remove_prefix(next.bytes.size());
  }
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  for_each_character(text, [&](const Character& next) {
    const bool is_blank = next.code == '\n' || next.code == '\r' || next.code == '\t';
    if (is_blank) {
      shown += ' ';
    } else if (is_control(next.code)) {
      shown += replacement;
    } else {
      shown += next.bytes;
    }
    return true;
  });
  return shown;
}

std::string escaped(std::string_view text) {
  std::string field;
  for (const char c : text) {
    switch (c) {
      case '\t':
        field += "\\t";
        break;
      case '\n':
        field += "\\n";
        break;
      case '\r':
        field += "\\r";
        break;
      case '\\':
        field += "\\\\";
        break;
      default:
        field += c;
    }
  }
  return field;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for_each_character(text, [&](const Character& next) {
    width += width_of(next.code);
    return true;
  });
  return width;
}

std::string cut(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string{text};
  if (width == 0) return {};
  std::string kept;
  std::size_t taken = 1;  // the ellipsis
  for_each_character(text, [&](const Character& next) {
    taken += width_of(next.code);
    if (taken > width) return false;
    kept += next.bytes;
    return true;
  });
  return kept + std::string{ellipsis};
}

std::string padded(std::string_view text, std::size_t width) {
  std::string line{text};
  const std::size_t taken = display_width(text);
  if (taken < width) line.append(width - taken, ' ');
  return line;
}

std::string relative_time(TimePoint time, TimePoint now) {
  using namespace std::chrono;
  const bool is_past = time <= now;
  const auto apart = duration_cast<seconds>(is_past ? now - time : time - now).count();
  if (apart < 1) return "now";
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 4> units{
      {{86'400, "d"}, {3'600, "h"}, {60, "min"}, {1, "s"}}};
  const auto* unit = std::ranges::find_if(units, [&](const auto& u) { return apart >= u.first; });
  const std::string amount = fmt::format("{} {}", apart / unit->first, unit->second);
  return is_past ? amount + " ago" : "in " + amount;
}

std::string duration_text(Duration duration) {
  const auto ms = duration.count();
  if (ms < 1'000) return fmt::format("{}ms", ms);
  if (ms < 60'000) return fmt::format("{:.2f}s", static_cast<double>(ms) / 1'000);
  const auto seconds = ms / 1'000;
  if (seconds < 3'600) return fmt::format("{}m {}s", seconds / 60, seconds % 60);
  return fmt::format("{}h {}m", seconds / 3'600, seconds % 3'600 / 60);
}

std::string bytes_text(std::int64_t bytes) {
  if (bytes < 1'000) return fmt::format("{} B", bytes);
  if (bytes < 1'000'000) return fmt::format("{:.1f} kB", static_cast<double>(bytes) / 1'000);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1'000'000);
}

std::string number_text(std::int64_t number) {
  std::string digits = fmt::format("{}", number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string counted(std::int64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number_text(number), noun, number == 1 ? "" : "s");
}

}  // namespace bellpull::cli
