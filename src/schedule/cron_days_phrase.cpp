#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "schedule/calendar_words.h"
#include "schedule/cron_expression.h"
#include "schedule/cron_phrase.h"
#include "schedule/number_words.h"

namespace bellpull {

namespace {

// More days than this at equal distances are told by their distance.
constexpr std::size_t max_listed_days = 5;

constexpr std::uint64_t weekdays = 0b0111110;  // Monday to Friday

// "January to March and July"; empty for every month.
std::string month_list(const CronExpression& cron) {
  if (!cron.is_restricted(CronField::month)) return {};
  return joined(numbers_of(cron.values(CronField::month)),
                [](unsigned month) { return std::string{month_name(month)}; });
}

// The days of the month that it names, without those that none of its months has.
Numbers days_that_come(const CronExpression& cron) {
  Numbers days = numbers_of(cron.values(CronField::day_of_month));
  std::erase_if(days, [&](unsigned day) { return day > cron.longest_month(); });
  return days;
}

// Whether every month that it names has the day, in every year.
bool is_always_there(const CronExpression& cron, unsigned day) {
  for (const unsigned month : numbers_of(cron.values(CronField::month))) {
    constexpr std::chrono::year common_year{2001};
    const auto last = (common_year / std::chrono::month{month} / std::chrono::last).day();
    if (day > static_cast<unsigned>(last)) return false;
  }
  return true;
}

std::string day_list(const Numbers& days) {
  const auto steps = progression_of(days);
  if (steps && steps->step > 1 && days.size() > max_listed_days) {
    return fmt::format("every {} day from the {} to the {}", ordinal(steps->step),
                       ordinal(steps->first), ordinal(steps->last));
  }
  return "the " + joined(days, ordinal);
}

// "on the 1st of every month".
std::string by_date(const CronExpression& cron, const Numbers& days) {
  const std::string months = month_list(cron);
  const bool has_all = is_always_there(cron, days.back());
  std::string text =
      fmt::format("on {} of {}", day_list(days), months.empty() ? "every month" : months);
  if (has_all) return text;
  if (months == "February" && days == Numbers{29}) return text + " in leap years";
  if (days.size() > 1) return text + " (where they exist)";
  return text + (months.empty() ? " that has one" : " (where it exists)");
}

// "Monday and Friday"; `ending` makes "Mondays and Fridays" of it.
std::string weekday_list(std::uint64_t days, std::string_view ending) {
  std::vector<std::string> names;
  // The week begins on Monday.
  for (unsigned i = 1; i <= 7; ++i) {
    if ((days >> (i % 7) & 1U) != 0)
      names.push_back(fmt::format("{}{}", weekday_name(i % 7), ending));
  }
  return joined(names);
}

// The one day that it leaves out.
std::optional<unsigned> missing_weekday(std::uint64_t days) {
  const Numbers others = numbers_of(0b1111111 & ~days);
  return others.size() == 1 ? std::optional{others.front()} : std::nullopt;
}

DaysPhrase by_weekday(const CronExpression& cron) {
  const std::uint64_t days = cron.values(CronField::day_of_week);
  if (days == weekdays) return {"every weekday", "on weekdays"};
  if (const auto missing = missing_weekday(days)) {
    const std::string text = fmt::format("every day except {}", weekday_name(*missing));
    return {text, "on " + text};
  }
  return {"every " + weekday_list(days, ""), "on " + weekday_list(days, "s")};
}

}  // namespace

DaysPhrase days_phrase(const CronExpression& cron) {
  const Numbers days = days_that_come(cron);
  const bool has_dates = cron.is_restricted(CronField::day_of_month) && !days.empty();
  const bool has_weekdays = cron.is_restricted(CronField::day_of_week);
  const std::string months = month_list(cron);
  const std::string in_months = months.empty() ? "" : "in " + months;
  const std::string and_months = months.empty() ? "" : " " + in_months;
  if (!has_weekdays) {
    if (!has_dates) return {"every day" + and_months, in_months};
    const std::string dates = by_date(cron, days);
    return {dates, dates};
  }
  const DaysPhrase weekly = by_weekday(cron);
  if (!has_dates) return {weekly.before + and_months, weekly.behind + and_months};
  // Either is enough.
  const std::string dates = by_date(cron, days) + " and also ";
  return {dates + weekly.before + and_months, dates + weekly.behind + and_months};
}

}  // namespace bellpull
