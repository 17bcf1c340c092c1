// Sets of numbers as English has them: "1st, 5th to 9th and 20th".
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bellpull {

using Numbers = std::vector<unsigned>;  // ascending, none twice

// The places of the bits that are set.
Numbers numbers_of(std::uint64_t bits);

// Numbers at equal distances: 5, 15, 25.
struct Progression {
  unsigned first = 0;
  unsigned last = 0;
  unsigned step = 0;

  // Whether the distance stays the same over the turn of a cycle of `count` numbers from 0 on.
  bool goes_round(unsigned count) const;
};

// Nothing for fewer than two numbers.
std::optional<Progression> progression_of(const Numbers& numbers);

// "a", "a and b", "a, b and c".
std::string joined(const std::vector<std::string>& words);

// The same for numbers, where three or more in a row become a range, "a to c".
std::string joined(const Numbers& numbers, const std::function<std::string(unsigned)>& word);

// "1st", "22nd", "13th".
std::string ordinal(unsigned number);

// "15 minutes", "1 minute".
std::string counted(std::uint64_t count, const std::string& noun);

// "every 15 minutes", "every minute".
std::string every(unsigned step, const std::string& noun);

}  // namespace bellpull
