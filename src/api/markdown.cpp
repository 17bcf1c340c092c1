#include "api/markdown.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace bellpull {

namespace {

std::size_t longest_run_of_backticks(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

}  // namespace

std::string fenced(std::string_view text, std::string_view language) {
  constexpr std::size_t shortest_fence = 3;
  const std::string fence(std::max(shortest_fence, longest_run_of_backticks(text) + 1), '`');
  std::string block = fence + std::string{language} + "\n" + std::string{text};
  if (!text.ends_with('\n')) block += '\n';
  return block + fence + "\n";
}

std::string code_span(std::string_view text) {
  std::string line{text};
  std::ranges::replace_if(line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  const std::string fence(longest_run_of_backticks(line) + 1, '`');
  // A space on both sides is no part of the text, and keeps its own backticks off the fence.
  return fence + " " + line + " " + fence;
}

}  // namespace bellpull
