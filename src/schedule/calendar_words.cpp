#include "schedule/calendar_words.h"

#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include <fmt/core.h>

namespace bellpull {

namespace {

constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};

constexpr std::array<std::string_view, 7> weekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};

}  // namespace

std::string_view month_name(unsigned month) { return months.at(month - 1); }

std::string_view weekday_name(unsigned weekday) { return weekdays.at(weekday); }

std::string date_words(std::chrono::local_days day) {
  const std::chrono::year_month_day date{day};
  return fmt::format("{} {} {:04}", static_cast<unsigned>(date.day()),
                     month_name(static_cast<unsigned>(date.month())),
                     static_cast<int>(date.year()));
}

}  // namespace bellpull
