#include "mail/mail_header.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "base/encoding.h"
#include "base/time.h"
#include "mail/mail_address.h"

namespace bellpull {

namespace {

constexpr std::size_t max_line = 76;           // with an encoded word in it; others may have 78
constexpr std::size_t max_encoded_bytes = 39;  // of one word, so that it fits behind "Reply-To: "
constexpr std::string_view fold = "\r\n ";

bool is_plain(std::string_view text) {
  const bool is_ascii = std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
  return is_ascii && !text.contains("=?");  // what looks like an encoded word must be one
}

// Whether every line of the folded text can be short: no word is too long, and no fold would leave
// a line of blanks.
bool is_foldable(std::string_view text) {
  std::size_t word = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    word = text[i] == ' ' ? 0 : word + 1;
    if (word > max_line - 12 || (i > 0 && text[i] == ' ' && text[i - 1] == ' ')) return false;
  }
  return !text.starts_with(' ') && !text.ends_with(' ');
}

// Encoded words, each of whole characters.
std::string encoded(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    std::size_t size = std::min(text.size(), max_encoded_bytes);
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80) --size;
    if (!result.empty()) result += fold;
    result += "=?UTF-8?B?" + to_base64(text.substr(0, size)) + "?=";
    text.remove_prefix(size);
  }
  return result;
}

// `text` with folds at its blanks, after `used` characters of the first line.
std::string folded(std::string_view text, std::size_t used) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (used + end > max_line && !result.empty()) {
      result.pop_back();  // the blank goes to the next line
      result += fold;
      used = 1;
    }
    result += text.substr(0, end);
    used += end + 1;
    text.remove_prefix(end);
    if (text.empty()) break;
    result += ' ';
    text.remove_prefix(1);
  }
  return result;
}

std::string mailbox(const MailAddress& address) {
  if (address.name.empty()) return address.address;
  const std::string_view name = address.name;
  if (!is_plain(name) || name.size() > max_line - 12) {
    return fmt::format("{}{}<{}>", encoded(name), fold, address.address);
  }
  std::string quoted;
  for (const char c : name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return fmt::format("\"{}\"{}<{}>", quoted, fold, address.address);
}

}  // namespace

std::string header_field(std::string_view name, std::string_view text) {
  const bool is_readable = is_plain(text) && is_foldable(text);
  return fmt::format("{}: {}\r\n", name,
                     is_readable ? folded(text, name.size() + 2) : encoded(text));
}

std::string header_field(std::string_view name, const std::vector<MailAddress>& addresses) {
  std::string list;
  for (const MailAddress& address : addresses) {
    if (!list.empty()) list.append(",").append(fold);
    list += mailbox(address);
  }
  return fmt::format("{}: {}\r\n", name, list);
}

std::string mail_date(TimePoint time) {
  constexpr std::array<std::string_view, 7> days = {"Sun", "Mon", "Tue", "Wed",
                                                    "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000",
                     days[std::chrono::weekday{day}.c_encoding()],
                     static_cast<unsigned>(date.day()),
                     months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace bellpull
