#include "cli/status_words.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace bellpull::cli {

namespace {

constexpr std::array words{
    StatusWord{"queued", "○", "Queued", Hue::wait, false},
    StatusWord{"running", "◐", "Running", Hue::run, false},
    StatusWord{"waiting", "◷", "Waiting", Hue::wait, false},
    StatusWord{"retrying", "↻", "Retrying", Hue::retry, false},
    StatusWord{"succeeded", "✓", "Succeeded", Hue::ok, true},
    StatusWord{"failed", "✗", "Failed", Hue::fail, true},
    StatusWord{"incomplete", "◧", "Incomplete", Hue::retry, true},
    StatusWord{"canceled", "⊘", "Canceled", Hue::dim, true},
    StatusWord{"dead", "⊗", "Dead letter", Hue::dead, true},
    StatusWord{"pending", "◷", "Pending", Hue::wait, false},
    StatusWord{"approved", "✓", "Approved", Hue::ok, true},
    StatusWord{"refused", "✗", "Refused", Hue::fail, true},
    StatusWord{"expired", "◧", "Expired", Hue::retry, true},
    StatusWord{"void", "⊘", "Void", Hue::dim, true},
    StatusWord{"enabled", "✓", "Enabled", Hue::ok, false},
    StatusWord{"disabled", "⊘", "Disabled", Hue::dim, false},
};

std::string_view code_of(Hue hue) {
  switch (hue) {
    case Hue::dim:
      return "2";
    case Hue::bold:
      return "1";
    case Hue::wait:
      return "36";
    case Hue::run:
      return "34";
    case Hue::ok:
      return "32";
    case Hue::retry:
      return "33";
    case Hue::fail:
      return "31";
    case Hue::dead:
      return "1;31";
    case Hue::plain:
      return "";
  }
  return "";
}

}  // namespace

StatusWord status_word(std::string_view state) {
  const auto* const found = std::ranges::find(words, state, &StatusWord::state);
  return found != words.end() ? *found : StatusWord{state, "", state, Hue::plain, false};
}

std::string colored(std::string_view text, Hue hue) {
  if (hue == Hue::plain || text.empty()) return std::string{text};
  return fmt::format("\x1b[{}m{}\x1b[0m", code_of(hue), text);
}

}  // namespace bellpull::cli
