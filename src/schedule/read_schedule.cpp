#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <expected>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/result.h"
#include "base/time.h"
#include "schedule/cron_expression.h"
#include "schedule/nearest_name.h"
#include "schedule/problem.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"

namespace bellpull {

namespace {

using namespace std::chrono_literals;
using Parts = std::vector<SchedulePart>;

struct IntervalWord {
  std::string_view word;
  Duration period;  // 0: never
};

constexpr std::array<IntervalWord, 10> interval_words{{
    {"never", 0ms},
    {"quarterhourly", 15min},
    {"halfhourly", 30min},
    {"hourly", 1h},
    {"twicedaily", 12h},
    {"daily", 24h},
    {"twiceweekly", 84h},
    {"weekly", 168h},
    {"twicemonthly", 1'314'000'000ms},
    {"monthly", 2'628'000'000ms},
}};

struct Macro {
  std::string_view name;
  std::string_view expression;
};

constexpr std::array<Macro, 7> macros{{
    {"@hourly", "0 * * * *"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"},
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
}};

constexpr std::string_view blanks = " \t\r\n";

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

Parts split(std::string_view text) {
  Parts result;
  std::size_t from = text.find_first_not_of(blanks);
  while (from != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(blanks, from), text.size());
    result.push_back({text.substr(from, end - from), from});
    from = text.find_first_not_of(blanks, end);
  }
  return result;
}

// Whether somebody meant a date: four digits and a dash, which starts no cron field.
bool looks_like_date(std::string_view text) {
  return text.size() >= 5 && std::ranges::all_of(text.substr(0, 4), is_digit) && text[4] == '-';
}

// Whether somebody meant a time of day: digits and colons, with a colon.
bool looks_like_time(std::string_view text) {
  return text.find(':') != std::string_view::npos &&
         std::ranges::all_of(text, [](char letter) { return is_digit(letter) || letter == ':'; });
}

std::string hint_for(std::string_view text) {
  std::vector<std::string_view> names;
  std::ranges::transform(interval_words, std::back_inserter(names), &IntervalWord::word);
  std::ranges::transform(macros, std::back_inserter(names), &Macro::name);
  if (const auto nearest = nearest_name(text, names))
    return fmt::format("did you mean {}?", *nearest);
  return "use a word such as hourly, a cron expression such as \"0 9 * * mon-fri\", a time such as "
         "09:30 or a date such as 2026-01-31T09:30";
}

// Why the digits of a date or time, found at `position` of a text of that shape, cannot be meant.
struct Limit {
  std::string_view name;
  std::size_t position;
  std::size_t digits;
  int min;
  int max;
};

std::optional<ScheduleProblem> out_of_range(const SchedulePart& text, const Limit& limit) {
  const SchedulePart part = text.part(std::min(limit.position, text.text.size()), limit.digits);
  if (part.text.size() < limit.digits || !std::ranges::all_of(part.text, is_digit)) return {};
  int value = 0;
  for (const char digit : part.text) value = value * 10 + (digit - '0');
  if (value >= limit.min && value <= limit.max) return {};
  return problem_of(part, fmt::format("{} {} is out of range {}-{}", limit.name, part.text,
                                      limit.min, limit.max));
}

int days_in_month_of(std::string_view date) {
  const auto first =
      parse_iso(std::string{date.substr(0, std::min<std::size_t>(date.size(), 8))} + "01");
  if (!first) return 31;
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(*first)};
  const auto last = day.year() / day.month() / std::chrono::last;
  return static_cast<int>(static_cast<unsigned>(last.day()));
}

std::unexpected<ScheduleProblems> refuse_date(const SchedulePart& text) {
  const std::array<Limit, 5> limits{{{"month", 5, 2, 1, 12},
                                     {"day", 8, 2, 1, days_in_month_of(text.text)},
                                     {"hour", 11, 2, 0, 23},
                                     {"minute", 14, 2, 0, 59},
                                     {"second", 17, 2, 0, 59}}};
  ScheduleProblems problems;
  for (const Limit& limit : limits) {
    // Where seconds could stand there may be an offset.
    if (limit.position == 17 && text.text.substr(0, 17).back() != ':') break;
    if (auto problem = out_of_range(text, limit)) problems.push_back(*std::move(problem));
  }
  if (!problems.empty()) return refuse_all(std::move(problems));
  return refuse_all(text, fmt::format("{} is not an ISO 8601 date", quoted(text.text)),
                    "use a form such as 2026-01-31, 2026-01-31T09:30 or 2026-01-31T09:30:00+02:00");
}

// A time with one digit, or with seconds, as it can be written.
std::string time_hint(std::string_view text) {
  std::string time{text};
  if (time.find(':') == 1) time.insert(0, "0");
  const bool has_seconds = time.size() == 8 && time[5] == ':';
  if (time.size() != 5 && !has_seconds) return {};
  std::string write = time.substr(0, 5);
  if (has_seconds && !time.ends_with(":00")) {
    const auto plain = [&](std::size_t from) {
      return time[from] == '0' ? time.substr(from + 1, 1) : time.substr(from, 2);
    };
    write = fmt::format("{} {} {} * * *", plain(6), plain(3), plain(0));
  }
  // What is refused is no hint for itself; asking again would never end.
  return write != text && Schedule::read(write) ? "write " + write : "";
}

}  // namespace

struct Schedule::Reader {
  using Read = std::expected<Schedule, ScheduleProblems>;

  static Read cron(const Parts& fields) {
    auto expression = CronExpression::parse(fields);
    if (!expression) return refuse_all(std::move(expression.error()));
    return Schedule{*expression};
  }

  static Read macro(const SchedulePart& text) {
    const auto* found = std::ranges::find(macros, text.text, &Macro::name);
    if (found != macros.end()) return cron(split(found->expression));
    return refuse_all(text, fmt::format("{} is not a known macro", quoted(text.text)),
                      hint_for(text.text));
  }

  static Read time_of_day(const SchedulePart& text) {
    if (text.text.size() == 5 && text.text[2] == ':' && std::ranges::count(text.text, ':') == 1) {
      ScheduleProblems problems;
      for (const Limit& limit : {Limit{"hour", 0, 2, 0, 23}, Limit{"minute", 3, 2, 0, 59}}) {
        if (auto problem = out_of_range(text, limit)) problems.push_back(*std::move(problem));
      }
      if (!problems.empty()) return refuse_all(std::move(problems));
      const std::string expression =
          fmt::format("{} {} * * *", text.text.substr(3), text.text.substr(0, 2));
      return cron(split(expression));
    }
    return refuse_all(text, fmt::format("{} is not a time of day (HH:MM)", quoted(text.text)),
                      time_hint(text.text));
  }

  static Read date(const SchedulePart& text) {
    // Without an offset parse_iso() reads as if in UTC, which is the local time's reading.
    const auto time = parse_iso(text.text);
    if (!time) return refuse_date(text);
    if (has_offset(text.text)) return Schedule{Instant{*time}};
    return Schedule{LocalMoment{LocalTime{time->time_since_epoch()}}};
  }

  static Read word(const SchedulePart& text) {
    const auto* found = std::ranges::find(interval_words, text.text, &IntervalWord::word);
    if (found == interval_words.end()) {
      return refuse_all(text,
                        fmt::format("{} is not an interval word, cron expression, time or date",
                                    quoted(text.text)),
                        hint_for(text.text));
    }
    if (found->period == 0ms) return Schedule{Never{}};
    return Schedule{Interval{found->period}};
  }

  static Read fields(const SchedulePart& whole, const Parts& parts) {
    if (parts.size() == cron_field_count || parts.size() + 1 == cron_field_count)
      return cron(parts);
    const char first = parts.front().text.front();
    if (!is_digit(first) && first != '*') return word(whole);
    const std::string_view last = parts.back().text;
    const bool has_year = parts.size() == cron_field_count + 1;
    return refuse_all(
        whole,
        fmt::format("it has {} fields, and a cron expression 5 (minute hour day-of-month month "
                    "day-of-week) or 6 (with the second first)",
                    parts.size()),
        has_year ? fmt::format("the year is not part of it: leave out {}", quoted(last)) : "");
  }
};

std::expected<Schedule, ScheduleProblems> Schedule::read(std::string_view text) {
  if (text.empty()) return Schedule{Never{}};
  const SchedulePart all{text, 0};
  if (text.size() > max_bytes) {
    return refuse_all(all, fmt::format("it is longer than {} bytes", max_bytes));
  }
  const Parts parts = split(text);
  if (parts.empty()) return refuse_all(all, "it is only white space");
  const std::size_t end = parts.back().position + parts.back().text.size();
  const SchedulePart whole = all.part(parts.front().position, end - parts.front().position);

  // Only a date among these may hold a blank, between its day and its time.
  if (parts.size() <= 2 && looks_like_date(whole.text)) return Reader::date(whole);
  if (parts.size() > 1) return Reader::fields(whole, parts);
  if (whole.text.front() == '@') return Reader::macro(whole);
  if (looks_like_time(whole.text)) return Reader::time_of_day(whole);
  return Reader::word(whole);
}

Result<Schedule> Schedule::parse(std::string_view text) {
  auto schedule = read(text);
  if (schedule) return *std::move(schedule);
  return fail(ErrorCode::invalid, "schedule is not valid: " + all_messages(schedule.error()),
              all_hints(schedule.error()));
}

}  // namespace bellpull
