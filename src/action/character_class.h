// A set of characters as a regular expression writes it, "[^a-z0-9_]", and nothing more of regular
// expressions: an instruction's author must not be able to write one that never ends.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

namespace bellpull {

class CharacterClass {
 public:
  // Takes "[...]" with ranges, a leading ^, \d \w \s and escaped characters, or one of those
  // escapes alone; a following + or * changes nothing. Nothing for anything else.
  static std::optional<CharacterClass> parse(std::string_view text);

  // `text` without the characters of the class. Bytes of non-ASCII characters count as one that
  // only a negated class holds.
  std::string without(std::string_view text) const;

 private:
  std::bitset<256> members_;
};

}  // namespace bellpull
