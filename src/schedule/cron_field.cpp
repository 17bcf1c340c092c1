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
  Read<Range> range(const SchedulePart& text, bool has_step) const;
  Read<unsigned> step(const SchedulePart& text) const;
  Read<unsigned> value(const SchedulePart& text) const;
  std::unexpected<ScheduleProblem> refuse_word(const SchedulePart& text) const;
  std::unexpected<ScheduleProblem> refuse_backwards(const SchedulePart& text,
                                                    std::size_t dash) const;

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
  const auto values = range(text.part(0, slash), has_step);
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

FieldReader::Read<Range> FieldReader::range(const SchedulePart& text, bool has_step) const {
  if (text.text == "*") return Range{rule_.min, rule_.max};
  const std::size_t dash = text.text.find('-');
  const auto first = value(text.part(0, dash));
  if (!first) return std::unexpected(first.error());
  if (dash == std::string_view::npos) {
    return Range{*first, has_step ? std::max(*first, rule_.max) : *first};
  }
  const auto last = value(text.part(dash + 1));
  if (!last) return std::unexpected(last.error());
  if (*last >= *first) return Range{*first, *last};
  if (has_other_sunday() && *last == 0) return Range{*first, other_sunday};
  return refuse_backwards(text, dash);
}

FieldReader::Read<unsigned> FieldReader::step(const SchedulePart& text) const {
  if (!is_number(text.text)) {
    return refuse(text, fmt::format("{} step {} is not a number", rule_.name, quoted(text.text)));
  }
  const unsigned count = rule_.max - rule_.min + 1;
  const unsigned width = to_number(text.text);
  if (width >= 1 && width <= count) return width;
  return refuse(
      text, fmt::format("{} step {} is out of range 1-{}", rule_.name, text.text, count),
      width == 0 ? "" : "a step starts anew with each turn of its field; use a list of times");
}

FieldReader::Read<unsigned> FieldReader::value(const SchedulePart& text) const {
  if (const auto word = word_value(rule_, text.text)) return *word;
  if (!is_number(text.text)) return refuse_word(text);
  const unsigned number = to_number(text.text);
  if (number >= rule_.min && number <= max_written_) return number;
  // Any number of digits may follow one another; the message must stay short.
  const std::string shown = text.text.size() <= 9 ? std::string{text.text} : quoted(text.text);
  return refuse(
      text, fmt::format("{} {} is out of range {}-{}", rule_.name, shown, rule_.min, max_written_));
}

std::unexpected<ScheduleProblem> FieldReader::refuse_word(const SchedulePart& text) const {
  if (rule_.words.empty()) {
    const bool is_foreign = text.text.find_first_of("LW#?") != std::string_view::npos;
    return refuse(text, fmt::format("{} {} is not a number", rule_.name, quoted(text.text)),
                  is_foreign ? "L, W, # and ? are not part of cron here; * is any value" : "");
  }
  std::string hint;
  // Three letters are the name; whoever wrote "monday" should hear that, too.
  if (const auto nearest = nearest_name(text.text.substr(0, 3), rule_.words)) {
    hint = fmt::format("did you mean {}?", *nearest);
  }
  return refuse(text,
                fmt::format("{} {} is neither a number nor a name ({}-{})", rule_.name,
                            quoted(text.text), rule_.words.front(), rule_.words.back()),
                std::move(hint));
}

std::unexpected<ScheduleProblem> FieldReader::refuse_backwards(const SchedulePart& text,
                                                               std::size_t dash) const {
  const std::string_view first = text.text.substr(0, dash);
  const std::string_view last = text.text.substr(dash + 1);
  return refuse(text, fmt::format("{} range {} runs backwards", rule_.name, text.text),
                fmt::format("write {}-{},{}-{}", first, rule_.max, rule_.min, last));
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
