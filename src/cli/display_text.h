// Text as a terminal or a pipe should get it. What the server tells is written by strangers: a
// control character in it must never reach a terminal, where it could move the cursor or worse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace bellpull::cli {

// One line without control characters: line breaks and tabs become blanks, the others U+FFFD, and
// so do bytes that are not UTF-8.
std::string printable(std::string_view text);
// One field of a tab-separated line: tab, line breaks and the backslash are escaped.
std::string escaped(std::string_view text);

// Columns that the text takes on a terminal.
std::size_t display_width(std::string_view text);
// At most `width` columns, with an ellipsis where something is missing.
std::string cut(std::string_view text, std::size_t width);
std::string padded(std::string_view text, std::size_t width);

// "12 s ago", "in 5 min".
std::string relative_time(TimePoint time, TimePoint now);
// "380ms", "1.34s", "12m 30s".
std::string duration_text(Duration duration);
// "214 B", "3.4 kB".
std::string bytes_text(std::int64_t bytes);
// "1,204".
std::string number_text(std::int64_t number);
// "1 tool", "2 tools".
std::string counted(std::int64_t number, std::string_view noun);

}  // namespace bellpull::cli
