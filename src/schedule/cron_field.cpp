#include "schedule/cron_field.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "schedule/cron_expression.h"
#include "schedule/nearest_name.h"
#include "schedule/problem.h"

namespace bellpull {

namespace {

constexpr std::array<std::string_view, 12> month_words{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> weekday_words{"sun", "mon", "tue", "wed",
                                                        "thu", "fri", "sat"};
constexpr unsigned other_sunday = 7;

const std::array<CronFieldRule, cron_field_count> rules{{
    {"second", 0, 59, {}},
    {"minute", 0, 59, {}},
    {"hour", 0, 23, {}},
    {"day-of-month", 1, 31, {}},
    {"month", 1, 12, month_words},
    {"day-of-week", 0, 6, weekday_words},
}};

struct Range {
  unsigned first;
  unsigned last;
};

// Reads one field; exists to carry the rule through the parts of its grammar.
class FieldReader {
 public:
  explicit FieldReader(CronField field)
      : rule_(cron_field_rule(field)),
        max_written_(field == CronField::day_of_week ? other_sunday : rule_.max) {}

  template <class T>
  using Read = std::expected<T, ScheduleProblem>;

  std::expected<std::uint64_t, ScheduleProblems> list(SchedulePart text) const;

 private:
  Read<std::uint64_t> item(const SchedulePart& text) const;
  Read<Range> range(const SchedulePart& text, const SchedulePart& whole) const;
  Read<unsigned> step(const SchedulePart& text) const;
  Read<unsigned> value(const SchedulePart& text) const;
  std::unexpected<ScheduleProblem> refuse_word(const SchedulePart& text) const;
  std::unexpected<ScheduleProblem> refuse_step(const SchedulePart& text, unsigned width) const;
  std::unexpected<ScheduleProblem> refuse_half(const SchedulePart& text) const;
  std::unexpected<ScheduleProblem> refuse_backwards(const SchedulePart& whole,
                                                    const Range& range) const;

  std::string foreign_hint(std::string_view text) const;
  // What was meant by an item whose range runs backwards: it goes round the end of the field.
  std::string around(const Range& range, unsigned width, bool has_names) const;
  std::string stretch(const Range& range, unsigned width, bool has_names) const;

  unsigned count() const { return rule_.max - rule_.min + 1; }
  bool has_other_sunday() const { return max_written_ == other_sunday; }

  const CronFieldRule& rule_;
  const unsigned max_written_;
};

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char letter) { return letter >= '0' && letter <= '9'; });
}

// Saturates, so that any number of digits is merely too large.
unsigned to_number(std::string_view digits) {
  constexpr unsigned too_large = 1'000'000;
  unsigned number = 0;
  for (const char digit : digits) {
    number = std::min(too_large, number * 10 + static_cast<unsigned>(digit - '0'));
  }
  return number;
}

// Any number of digits may follow one another; a message must stay short.
std::string shown(std::string_view text) {
  constexpr std::size_t max_plain_bytes = 12;
  return text.size() <= max_plain_bytes ? std::string{text} : quoted(text);
}

bool same_letters(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) {
    return a == b || (a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b);
  });
}

std::optional<unsigned> word_value(const CronFieldRule& rule, std::string_view text) {
  for (std::size_t i = 0; i < rule.words.size(); ++i) {
    if (same_letters(text, rule.words[i])) return rule.min + static_cast<unsigned>(i);
  }
  return std::nullopt;
}

std::expected<std::uint64_t, ScheduleProblems> FieldReader::list(SchedulePart text) const {
  std::uint64_t result = 0;
  ScheduleProblems problems;
  for (;;) {
    const std::size_t comma = text.text.find(',');
    auto values = item(text.part(0, comma));
    if (values) {
      result |= *values;
    } else if (problems.size() < max_schedule_problems) {
      problems.push_back(std::move(values.error()));
    }
    if (comma == std::string_view::npos) break;
    text = text.part(comma + 1);
  }
  if (!problems.empty()) return refuse_all(std::move(problems));
  return result;
}

FieldReader::Read<std::uint64_t> FieldReader::item(const SchedulePart& text) const {
  if (text.text.empty()) return refuse(text, fmt::format("{} has an empty item", rule_.name));
  const std::size_t slash = text.text.find('/');
  const bool has_step = slash != std::string_view::npos;
  const auto values = range(text.part(0, slash), text);
  if (!values) return std::unexpected(values.error());
  unsigned width = 1;
  if (has_step) {
    const auto read = step(text.part(slash + 1));
    if (!read) return std::unexpected(read.error());
    width = *read;
  }
  std::uint64_t result = 0;
  for (unsigned at = values->first; at <= values->last; at += width) {
    result |= std::uint64_t{1} << (has_other_sunday() && at == other_sunday ? 0 : at);
  }
  return result;
}

FieldReader::Read<Range> FieldReader::range(const SchedulePart& text,
                                            const SchedulePart& whole) const {
  if (text.text == "*") return Range{rule_.min, rule_.max};
  const std::size_t dash = text.text.find('-');
  if (dash == 0 || dash + 1 == text.text.size()) return refuse_half(text);
  const auto first = value(text.part(0, dash));
  if (!first) return std::unexpected(first.error());
  if (dash == std::string_view::npos) {
    const bool has_step = text.text.size() < whole.text.size();
    return Range{*first, has_step ? std::max(*first, rule_.max) : *first};
  }
  const auto last = value(text.part(dash + 1));
  if (!last) return std::unexpected(last.error());
  if (*last >= *first) return Range{*first, *last};
  if (has_other_sunday() && *last == 0) return Range{*first, other_sunday};
  return refuse_backwards(whole, {*first, *last});
}

FieldReader::Read<unsigned> FieldReader::step(const SchedulePart& text) const {
  if (!is_number(text.text)) {
    return refuse(text, fmt::format("{} step {} is not a number", rule_.name, quoted(text.text)));
  }
  const unsigned width = to_number(text.text);
  if (width >= 1 && width <= count()) return width;
  return refuse_step(text, width);
}

std::unexpected<ScheduleProblem> FieldReader::refuse_step(const SchedulePart& text,
                                                          unsigned width) const {
  std::string hint;
  if (width > 0) {
    hint = "a step starts anew with each turn of its field; use a list of times";
    // People reach for it to say hours in minutes.
    constexpr unsigned minutes_an_hour = 60;
    const unsigned hours = width / minutes_an_hour;
    if (rule_.name == "minute" && width % minutes_an_hour == 0 && hours <= 24) {
      hint = fmt::format("every {} hours is 0 */{} * * *", hours, hours);
    } else if (rule_.name == "minute") {
      hint =
          "a step starts anew with each hour; every hour is 0 * * * *, every 2 hours 0 */2 * * *";
    }
  }
  return refuse(
      text, fmt::format("{} step {} is out of range 1-{}", rule_.name, shown(text.text), count()),
      std::move(hint));
}

FieldReader::Read<unsigned> FieldReader::value(const SchedulePart& text) const {
  if (const auto word = word_value(rule_, text.text)) return *word;
  if (!is_number(text.text)) return refuse_word(text);
  const unsigned number = to_number(text.text);
  if (number >= rule_.min && number <= max_written_) return number;
  return refuse(text, fmt::format("{} {} is out of range {}-{}", rule_.name, shown(text.text),
                                  rule_.min, max_written_));
}

std::unexpected<ScheduleProblem> FieldReader::refuse_word(const SchedulePart& text) const {
  std::string hint = foreign_hint(text.text);
  if (rule_.words.empty()) {
    return refuse(text, fmt::format("{} {} is not a number", rule_.name, quoted(text.text)),
                  std::move(hint));
  }
  // Three letters are the name; whoever wrote "monday" should hear that, too.
  const auto nearest = nearest_name(text.text.substr(0, 3), rule_.words);
  if (hint.empty() && nearest) hint = fmt::format("did you mean {}?", *nearest);
  return refuse(text,
                fmt::format("{} {} is neither a number nor a name ({}-{})", rule_.name,
                            quoted(text.text), rule_.words.front(), rule_.words.back()),
                std::move(hint));
}

// What other cron programs have beside numbers and names.
std::string FieldReader::foreign_hint(std::string_view text) const {
  if (text == "?") return "write *";
  const std::size_t mark = text.find_first_of("LW#");
  if (mark == std::string_view::npos) return {};
  const std::string_view before = text.substr(0, mark);
  // "APRIL" is a misspelt name.
  if (!before.empty() && !is_number(before) && !word_value(rule_, before)) return {};
  if (rule_.name == "day-of-week" && !before.empty()) {
    return fmt::format("{} can't choose a week of the month here; every week can be had: {}",
                       text.substr(mark), before);
  }
  if (rule_.name == "day-of-month" && text[mark] == 'L') {
    return "the last day of a month can't be named; the first of the next can, 1, or the last "
           "days, 28-31";
  }
  if (rule_.name == "day-of-month" && text[mark] == 'W') {
    return "the weekday nearest to a date can't be named; all weekdays can, mon-fri in day-of-week";
  }
  return "L, W and # are not part of cron here; numbers, names, lists, ranges and steps are";
}

std::unexpected<ScheduleProblem> FieldReader::refuse_half(const SchedulePart& text) const {
  const bool lacks_first = text.text.front() == '-';
  const SchedulePart rest = lacks_first ? text.part(1) : text.part(0, text.text.size() - 1);
  std::string hint;
  if (value(rest)) {
    hint = lacks_first ? fmt::format("write {}-{}", rule_.min, rest.text)
                       : fmt::format("write {}-{}", rest.text, max_written_);
  }
  return refuse(text,
                fmt::format("{} range {} has no {} value", rule_.name, shown(text.text),
                            lacks_first ? "first" : "last"),
                std::move(hint));
}

std::unexpected<ScheduleProblem> FieldReader::refuse_backwards(const SchedulePart& whole,
                                                               const Range& range) const {
  const std::size_t slash = whole.text.find('/');
  const bool has_step = slash != std::string_view::npos;
  const Read<unsigned> width = has_step ? step(whole.part(slash + 1)) : Read<unsigned>{1};
  const std::string_view written = whole.text.substr(0, slash);
  const bool has_names = !is_number(written.substr(0, written.find('-'))) ||
                         !is_number(written.substr(written.find('-') + 1));
  return refuse(whole, fmt::format("{} range {} runs backwards", rule_.name, shown(written)),
                width ? "write " + around(range, *width, has_names) : "");
}

std::string FieldReader::around(const Range& range, unsigned width, bool has_names) const {
  if (range.first == other_sunday && has_other_sunday()) {
    return stretch({0, range.last}, width, has_names);
  }
  const unsigned steps = (rule_.max - range.first) / width;
  const unsigned resumes = range.first + (steps + 1) * width - count();
  std::string text = stretch({range.first, range.first + steps * width}, width, has_names);
  if (resumes <= range.last) text += "," + stretch({resumes, range.last}, width, has_names);
  return text;
}

std::string FieldReader::stretch(const Range& range, unsigned width, bool has_names) const {
  const auto name = [&](unsigned value) {
    return has_names ? std::string{rule_.words[value - rule_.min]} : fmt::format("{}", value);
  };
  if (range.first + width > range.last) return name(range.first);
  const std::string text = name(range.first) + "-" + name(range.last);
  return width == 1 ? text : fmt::format("{}/{}", text, width);
}

}  // namespace

const CronFieldRule& cron_field_rule(CronField field) {
  return rules[static_cast<std::size_t>(field)];
}

std::uint64_t all_values(CronField field) {
  const CronFieldRule& rule = cron_field_rule(field);
  return ((std::uint64_t{1} << (rule.max + 1)) - 1) & ~((std::uint64_t{1} << rule.min) - 1);
}

std::expected<std::uint64_t, ScheduleProblems> parse_cron_field(CronField field,
                                                                const SchedulePart& text) {
  return FieldReader{field}.list(text);
}

}  // namespace bellpull
