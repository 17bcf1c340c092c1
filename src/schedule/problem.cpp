#include "schedule/problem.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bellpull {

namespace {

constexpr std::size_t max_quoted_bytes = 40;

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

bool is_control(char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == '\x7f'; }

}  // namespace

std::string all_messages(const ScheduleProblems& problems) {
  std::string result;
  for (const ScheduleProblem& problem : problems) {
    result += (result.empty() ? "" : ", ") + problem.message;
  }
  return result;
}

std::string all_hints(const ScheduleProblems& problems) {
  std::vector<std::string_view> hints;
  std::string result;
  for (const ScheduleProblem& problem : problems) {
    if (problem.hint.empty() || std::ranges::find(hints, problem.hint) != hints.end()) continue;
    hints.emplace_back(problem.hint);
    result += (result.empty() ? "" : "; ") + problem.hint;
  }
  return result;
}

std::string quoted(std::string_view text) {
  const bool is_cut = text.size() > max_quoted_bytes;
  if (is_cut) {
    // A cut inside a character would make the message invalid UTF-8.
    std::size_t end = max_quoted_bytes;
    while (end > 0 && is_continuation(text[end])) --end;
    text = text.substr(0, end);
  }
  std::string result{text};
  std::ranges::replace_if(result, is_control, '?');
  return '"' + result + (is_cut ? "...\"" : "\"");
}

}  // namespace bellpull
