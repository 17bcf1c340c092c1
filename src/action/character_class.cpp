#include "action/character_class.h"

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

namespace bellpull {

namespace {

void add_range(std::bitset<256>& members, unsigned char first, unsigned char last) {
  for (unsigned c = first; c <= last; ++c) members.set(c);
}

// \d, \w and \s; false for an escaped character that stands for itself.
bool add_escape(std::bitset<256>& members, char letter) {
  switch (letter) {
    case 'w':
      add_range(members, 'a', 'z');
      add_range(members, 'A', 'Z');
      members.set('_');
      [[fallthrough]];
    case 'd':
      add_range(members, '0', '9');
      return true;
    case 's':
      for (const char blank : std::string_view(" \t\r\n\f\v"))
        members.set(static_cast<unsigned char>(blank));
      return true;
    default:
      return false;
  }
}

char plain(char escaped) {
  switch (escaped) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return escaped;
  }
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// One character of a class, which may be escaped. Nothing for an escape that is not known.
std::optional<unsigned char> take_character(std::string_view& text) {
  char c = text.front();
  text.remove_prefix(1);
  if (c == '\\') {
    if (text.empty()) return std::nullopt;
    c = plain(text.front());
    if (is_letter_or_digit(c)) return std::nullopt;
    text.remove_prefix(1);
  }
  return static_cast<unsigned char>(c);
}

bool add_members(std::bitset<256>& members, std::string_view text) {
  while (!text.empty()) {
    if (text.size() > 1 && text.front() == '\\' && add_escape(members, text[1])) {
      text.remove_prefix(2);
      continue;
    }
    const auto first = take_character(text);
    if (!first) return false;
    auto last = first;
    if (text.size() > 1 && text.front() == '-') {
      text.remove_prefix(1);
      last = take_character(text);
      if (!last || *last < *first) return false;
    }
    add_range(members, *first, *last);
  }
  return true;
}

}  // namespace

std::optional<CharacterClass> CharacterClass::parse(std::string_view text) {
  if (text.ends_with('+') || text.ends_with('*')) text.remove_suffix(1);
  CharacterClass result;
  if (text.size() == 2 && text.front() == '\\') {
    return add_escape(result.members_, text[1]) ? std::optional(result) : std::nullopt;
  }
  if (text.size() < 3 || text.front() != '[' || text.back() != ']') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  const bool negated = text.starts_with('^');
  if (negated) text.remove_prefix(1);
  if (text.empty() || !add_members(result.members_, text)) return std::nullopt;
  if (negated) result.members_.flip();
  return result;
}

std::string CharacterClass::without(std::string_view text) const {
  std::string result;
  for (const char c : text) {
    if (!members_.test(static_cast<unsigned char>(c))) result += c;
  }
  return result;
}

}  // namespace bellpull
