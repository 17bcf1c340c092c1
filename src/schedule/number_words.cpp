#include "schedule/number_words.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

namespace bellpull {

Numbers numbers_of(std::uint64_t bits) {
  Numbers result;
  for (; bits != 0; bits &= bits - 1) {
    result.push_back(static_cast<unsigned>(std::countr_zero(bits)));
  }
  return result;
}

bool Progression::goes_round(unsigned count) const {
  return count % step == 0 && first < step && last + step >= count;
}

std::optional<Progression> progression_of(const Numbers& numbers) {
  if (numbers.size() < 2) return std::nullopt;
  const unsigned step = numbers[1] - numbers[0];
  for (std::size_t i = 2; i < numbers.size(); ++i) {
    if (numbers[i] - numbers[i - 1] != step) return std::nullopt;
  }
  return Progression{numbers.front(), numbers.back(), step};
}

std::string joined(const std::vector<std::string>& words) {
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) result += i + 1 == words.size() ? " and " : ", ";
    result += words[i];
  }
  return result;
}

std::string joined(const Numbers& numbers, const std::function<std::string(unsigned)>& word) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    if (end - i >= 3) {
      words.push_back(word(numbers[i]) + " to " + word(numbers[end - 1]));
    } else {
      for (std::size_t each = i; each < end; ++each) words.push_back(word(numbers[each]));
    }
    i = end;
  }
  return joined(words);
}

std::string ordinal(unsigned number) {
  const bool is_teen = number / 10 % 10 == 1;
  std::string_view ending = "th";
  if (!is_teen && number % 10 == 1) ending = "st";
  if (!is_teen && number % 10 == 2) ending = "nd";
  if (!is_teen && number % 10 == 3) ending = "rd";
  return fmt::format("{}{}", number, ending);
}

std::string counted(std::uint64_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string every(unsigned step, const std::string& noun) {
  return "every " + (step == 1 ? noun : counted(step, noun));
}

}  // namespace bellpull
