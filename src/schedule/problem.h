// Why a schedule string was refused, and where in it: what an editor underlines.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace bellpull {

struct ScheduleProblem {
  std::size_t position = 0;  // first byte of the part that is wrong
  std::size_t length = 0;    // its bytes; position + length never exceeds the text
  std::string message;       // "minute 61 is out of range 0-59"
  std::string hint;          // "did you mean hourly?"; may be empty
};

// A part of the schedule string that remembers where it stands.
struct SchedulePart {
  std::string_view text;
  std::size_t position = 0;

  SchedulePart part(std::size_t from, std::size_t length = std::string_view::npos) const {
    return {text.substr(from, length), position + from};
  }
};

inline std::unexpected<ScheduleProblem> refuse(const SchedulePart& part, std::string message,
                                               std::string hint = {}) {
  return std::unexpected(
      ScheduleProblem{part.position, part.text.size(), std::move(message), std::move(hint)});
}

// The text in quotation marks, cut to a length that fits a message; control characters become '?'.
std::string quoted(std::string_view text);

}  // namespace bellpull
