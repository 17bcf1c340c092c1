// Why a schedule string was refused, and where in it: what an editor underlines.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bellpull {

struct ScheduleProblem {
  std::size_t position = 0;  // first byte of the part that is wrong
  std::size_t length = 0;    // its bytes; position + length never exceeds the text
  std::string message;       // "minute 61 is out of range 0-59"
  std::string hint;          // "did you mean hourly?"; may be empty
};

// In the order of their places; where a schedule is refused, never empty.
using ScheduleProblems = std::vector<ScheduleProblem>;

// More than these say nothing new.
inline constexpr std::size_t max_schedule_problems = 5;

// A part of the schedule string that remembers where it stands.
struct SchedulePart {
  std::string_view text;
  std::size_t position = 0;

  SchedulePart part(std::size_t from, std::size_t length = std::string_view::npos) const {
    return {text.substr(from, length), position + from};
  }
};

inline ScheduleProblem problem_of(const SchedulePart& part, std::string message,
                                  std::string hint = {}) {
  return {part.position, part.text.size(), std::move(message), std::move(hint)};
}

// Fails with this one problem.
inline std::unexpected<ScheduleProblem> refuse(const SchedulePart& part, std::string message,
                                               std::string hint = {}) {
  return std::unexpected(problem_of(part, std::move(message), std::move(hint)));
}
inline std::unexpected<ScheduleProblems> refuse_all(ScheduleProblems problems) {
  return std::unexpected(std::move(problems));
}
inline std::unexpected<ScheduleProblems> refuse_all(const SchedulePart& part, std::string message,
                                                    std::string hint = {}) {
  return refuse_all({problem_of(part, std::move(message), std::move(hint))});
}

// "minute 61 is out of range 0-59, hour 25 is out of range 0-23".
std::string all_messages(const ScheduleProblems& problems);
// Each hint once: "did you mean jan?; did you mean mon?".
std::string all_hints(const ScheduleProblems& problems);

// The text in quotation marks, cut to a length that fits a message; control characters become '?'.
std::string quoted(std::string_view text);

}  // namespace bellpull
