// The command to try after a schedule or zone was refused: what was asked, with the hints applied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>

namespace bellpull::cli {

struct AskedSchedule {
  std::string trigger;    // as it was typed
  std::string schedule;   // the one that was judged
  bool is_given = false;  // typed, and not what the trigger has
  std::string timezone;   // as it was typed; empty: not at all
};

// `problems` as the preview gives them.
std::string mended_command(const AskedSchedule& asked, const boost::json::array& problems);

// Where in the text, in bytes, a number of characters ends.
std::size_t bytes_of(std::string_view text, std::int64_t characters);

// A word as a shell takes it for itself.
std::string shell_word(std::string_view word);

}  // namespace bellpull::cli
