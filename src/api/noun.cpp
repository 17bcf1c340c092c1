#include "api/noun.h"

#include <string>
#include <string_view>

namespace bellpull {

namespace {

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

bool is_vowel(char c) { return std::string_view{"aeiou"}.find(c) != std::string_view::npos; }

}  // namespace

std::string with_article(std::string_view kind) {
  const std::string noun = lower(kind);
  return (!noun.empty() && is_vowel(noun.front()) ? "an " : "a ") + noun;
}

std::string plural(std::string_view kind) {
  std::string noun = lower(kind);
  const bool ends_in_y = noun.size() > 1 && noun.back() == 'y' && !is_vowel(noun[noun.size() - 2]);
  if (!ends_in_y) return noun + "s";
  noun.pop_back();
  return noun + "ies";
}

}  // namespace bellpull
