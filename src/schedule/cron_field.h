// One field of a cron expression: its name, its values, and how its text is read.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string_view>

#include "schedule/cron_expression.h"
#include "schedule/problem.h"

namespace bellpull {

struct CronFieldRule {
  std::string_view name;  // as messages call it
  unsigned min;
  unsigned max;                             // of `*`; Sunday may also be written 7
  std::span<const std::string_view> words;  // of the values from `min` on; may be empty
};

const CronFieldRule& cron_field_rule(CronField field);

// The bits of every value of the field.
std::uint64_t all_values(CronField field);

// The bits of the values that the text names. Fails with what is wrong in each item of its list.
std::expected<std::uint64_t, ScheduleProblems> parse_cron_field(CronField field,
                                                                const SchedulePart& text);

}  // namespace bellpull
