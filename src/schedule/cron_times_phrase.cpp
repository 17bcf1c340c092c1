#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "schedule/cron_expression.h"
#include "schedule/cron_phrase.h"
#include "schedule/number_words.h"

namespace bellpull {

namespace {

// So many moments are listed before a rhythm is looked for, and so many when there is none.
constexpr std::size_t few_moments = 4;
constexpr std::size_t max_moments = 12;

// More numbers than this at equal distances are told by their distance.
constexpr std::size_t max_listed_numbers = 5;

// The times of a day as three sets; the words depend on how these fit together.
class TimesOfDay {
 public:
  explicit TimesOfDay(const CronExpression& cron)
      : seconds_(numbers_of(cron.values(CronField::second))),
        minutes_(numbers_of(cron.values(CronField::minute))),
        hours_(numbers_of(cron.values(CronField::hour))),
        has_seconds_(seconds_ != Numbers{0}) {}

  TimesPhrase phrase() const {
    const std::size_t count = seconds_.size() * minutes_.size() * hours_.size();
    if (count <= few_moments) return {moments(), true};
    if (auto text = even_rhythm()) return {*std::move(text), false};
    if (count <= max_moments) return {moments(), true};
    return {field_by_field(), false};
  }

 private:
  bool is_every_hour() const { return hours_.size() == 24; }
  bool is_every_minute() const { return minutes_.size() == 60; }
  bool has_one_second() const { return seconds_.size() == 1; }

  std::string clock(unsigned hour, unsigned minute, unsigned second) const {
    return has_seconds_ ? fmt::format("{:02}:{:02}:{:02}", hour, minute, second)
                        : fmt::format("{:02}:{:02}", hour, minute);
  }
  // " from 09:00 to 17:45": the first and the last time of the day.
  std::string from_to() const {
    return fmt::format(" from {} to {}", clock(hours_.front(), minutes_.front(), seconds_.front()),
                       clock(hours_.back(), minutes_.back(), seconds_.back()));
  }
  std::string moments() const {
    std::vector<std::string> times;
    for (const unsigned hour : hours_) {
      for (const unsigned minute : minutes_) {
        for (const unsigned second : seconds_) times.push_back(clock(hour, minute, second));
      }
    }
    return "at " + joined(times);
  }

  // What is at equal distances from the first time of the day to the last.
  std::optional<std::string> even_rhythm() const {
    if (!has_one_second()) return even_seconds();
    if (minutes_.size() == 1) return even_hours();
    return even_minutes();
  }

  std::optional<std::string> even_hours() const {
    const auto steps = progression_of(hours_);
    if (!steps) return std::nullopt;
    std::string text = every(steps->step, "hour");
    // Hours that are named are times of the day, also where they go round it: no rhythm goes on.
    if (!is_every_hour()) return text + from_to();
    if (minutes_.front() == 0 && !has_seconds_) return text;
    if (has_seconds_) {
      return fmt::format("at {} and {} past every hour", counted(minutes_.front(), "minute"),
                         counted(seconds_.front(), "second"));
    }
    return fmt::format("at {} past every hour", counted(minutes_.front(), "minute"));
  }

  // Over more than one hour the distance must also hold from one to the next.
  std::optional<std::string> even_minutes() const {
    const auto steps = progression_of(minutes_);
    if (!steps) return std::nullopt;
    const auto hours = progression_of(hours_);
    const bool holds = hours_.size() == 1 || (hours && hours->step == 1 && steps->goes_round(60));
    if (!holds) return std::nullopt;
    std::string text = every(steps->step, "minute");
    if (!is_every_hour()) return text + from_to();
    if (minutes_.front() == 0 && !has_seconds_) return text;
    return std::nullopt;
  }

  std::optional<std::string> even_seconds() const {
    const auto steps = progression_of(seconds_);
    const auto hours = progression_of(hours_);
    const bool holds = steps && is_every_minute() && steps->goes_round(60) &&
                       (hours_.size() == 1 || (hours && hours->step == 1));
    if (!holds) return std::nullopt;
    std::string text = every(steps->step, "second");
    if (!is_every_hour()) return text + from_to();
    if (seconds_.front() == 0) return text;
    return std::nullopt;
  }

  // Else field by field.
  std::string field_by_field() const {
    return has_seconds_ ? seconds_of_minutes() : minutes_of_hours();
  }

  std::string seconds_of_minutes() const {
    const auto steps = progression_of(seconds_);
    const bool is_even = steps && steps->goes_round(60) && seconds_.front() == 0;
    const std::string text =
        is_even ? every(steps->step, "second") : "at " + listed(seconds_, "second");
    const std::string minutes = is_every_minute() ? "every minute" : listed(minutes_, "minute");
    if (!is_every_hour())
      return fmt::format("{} of {} in {}", text, minutes, listed(hours_, "hour"));
    return text + " of " + minutes + (is_every_minute() ? "" : " of every hour");
  }

  std::string minutes_of_hours() const {
    const auto steps = progression_of(minutes_);
    if (steps && steps->goes_round(60) && minutes_.front() == 0) {
      return every(steps->step, "minute") + " in " + listed(hours_, "hour");
    }
    if (steps && steps->step > 1 && minutes_.size() > max_listed_numbers) {
      return fmt::format("at {} of {}", listed(minutes_, "minute"),
                         is_every_hour() ? "every hour" : listed(hours_, "hour"));
    }
    const std::string noun = minutes_ == Numbers{1} ? "minute" : "minutes";
    return fmt::format("at {} {} past {}", joined(minutes_, number), noun,
                       is_every_hour() ? "every hour" : "the hour in " + listed(hours_, "hour"));
  }

  static std::string number(unsigned value) { return fmt::format("{}", value); }

  // "minute 5", "minutes 5 to 9 and 12", "every 2nd minute from 0 to 58".
  static std::string listed(const Numbers& numbers, const std::string& noun) {
    const auto steps = progression_of(numbers);
    if (steps && steps->step > 1 && numbers.size() > max_listed_numbers) {
      return fmt::format("every {} {} from {} to {}", ordinal(steps->step), noun, steps->first,
                         steps->last);
    }
    return fmt::format("{}{} {}", noun, numbers.size() == 1 ? "" : "s", joined(numbers, number));
  }

  Numbers seconds_;
  Numbers minutes_;
  Numbers hours_;
  bool has_seconds_;
};

}  // namespace

TimesPhrase times_phrase(const CronExpression& cron) { return TimesOfDay{cron}.phrase(); }

}  // namespace bellpull
