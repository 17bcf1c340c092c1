// Dates and their parts in words.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace bellpull {

std::string_view month_name(unsigned month);      // 1: "January"
std::string_view weekday_name(unsigned weekday);  // 0: "Sunday"

// "29 March 2026".
std::string date_words(std::chrono::local_days day);

}  // namespace bellpull
