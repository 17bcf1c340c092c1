// How states look: an icon and a word, never colour alone (dashboard-and-cli.md 2.1), in the
// dashboard's hues mapped to the 16 colours of a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bellpull::cli {

enum class Hue : std::uint8_t { plain, dim, bold, wait, run, ok, retry, fail, dead };

struct StatusWord {
  std::string_view state;
  std::string_view icon;  // one column wide
  std::string_view word;
  Hue hue;
  bool is_ended;
};

// What is not a known state is shown as it is, without an icon.
StatusWord status_word(std::string_view state);

std::string colored(std::string_view text, Hue hue);

}  // namespace bellpull::cli
