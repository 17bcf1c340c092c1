// next_after() jumps from field to field; here it must agree with somebody who looks at the clock
// on the wall every second or minute and knows the rules of schedule.h, but no arithmetic.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/time.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

// A field as its text and, beside it, the values that text stands for.
struct Field {
  std::string text;
  std::set<unsigned> values;
  bool is_full = false;
};

struct Expression {
  std::array<Field, 6> fields;  // second, minute, hour, day-of-month, month, day-of-week
  bool has_seconds = false;

  std::string text() const {
    std::string result = has_seconds ? fields[0].text + " " : "";
    for (std::size_t i = 1; i < fields.size(); ++i) result += (i > 1 ? " " : "") + fields[i].text;
    return result;
  }
};

class ExpressionSource {
 public:
  explicit ExpressionSource(std::uint64_t seed) : random_(seed) {}

  Expression next(bool has_seconds) {
    Expression result;
    result.has_seconds = has_seconds;
    result.fields[0] = has_seconds ? field(0, 59, 3) : Field{"0", {0}};
    result.fields[1] = field(0, 59, 3);
    result.fields[2] = field(0, 23, 3);
    result.fields[3] = field(1, 31, 2);
    result.fields[4] = field(1, 12, 1);
    result.fields[5] = field(0, 6, 2);
    return result;
  }

  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }

 private:
  unsigned between(unsigned min, unsigned max) {
    return min + static_cast<unsigned>(random_.below(max - min + 1));
  }

  // `*` in all but `restricted` of 4 cases.
  Field field(unsigned min, unsigned max, unsigned restricted) {
    Field result;
    if (random_.below(4) >= restricted) {
      add(result, "*", min, max, 1);
    } else {
      for (unsigned items = between(1, 3); items > 0; --items) add_item(result, min, max);
    }
    result.is_full = result.values.size() == max - min + 1;
    return result;
  }

  void add_item(Field& field, unsigned min, unsigned max) {
    const unsigned first = between(min, max);
    const unsigned last = between(first, max);
    const unsigned step = between(1, 8);
    const std::string width = std::to_string(std::min(step, max - min + 1));
    const unsigned wide = std::min(step, max - min + 1);
    switch (random_.below(4)) {
      case 0:
        return add(field, std::to_string(first), first, first, 1);
      case 1:
        return add(field, std::to_string(first) + "-" + std::to_string(last), first, last, 1);
      case 2:
        return add(field, "*/" + width, min, max, wide);
      default:
        return add(field, std::to_string(first) + "-" + std::to_string(last) + "/" + width, first,
                   last, wide);
    }
  }

  static void add(Field& field, const std::string& text, unsigned first, unsigned last,
                  unsigned step) {
    field.text += (field.text.empty() ? "" : ",") + text;
    for (unsigned value = first; value <= last; value += step) field.values.insert(value);
  }

  SeededRandom random_;
};

bool shows_match(const Expression& expression, LocalTime local) {
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{local - day};
  const auto has = [&](std::size_t field, auto value) {
    return expression.fields[field].values.contains(static_cast<unsigned>(value));
  };
  const bool by_month = has(3, static_cast<unsigned>(date.day()));
  const bool by_week = has(5, std::chrono::weekday{day}.c_encoding());
  const bool either = !expression.fields[3].is_full && !expression.fields[5].is_full;
  return has(0, time.seconds().count()) && has(1, time.minutes().count()) &&
         has(2, time.hours().count()) && has(4, static_cast<unsigned>(date.month())) &&
         (either ? by_month || by_week : by_month && by_week);
}

// Longer than what any of the changes below repeats.
constexpr Duration looked_before = 4h;

// Looks at the wall clock at every tick in (from, to]. It started some hours before, so it knows
// what the clock has shown already, and sees what it jumped over.
std::vector<TimePoint> watched(const Expression& expression, const TimeZone& zone, TimePoint from,
                               TimePoint to, Duration tick) {
  const bool is_rhythm = expression.fields[2].is_full;
  std::vector<TimePoint> result;
  LocalTime latest = zone.local(from - looked_before);
  for (TimePoint now = from - looked_before + tick; now <= to; now += tick) {
    const LocalTime local = zone.local(now);
    bool runs = false;
    if (is_rhythm) {
      runs = shows_match(expression, local);
    } else {
      for (LocalTime shown = latest + tick; shown <= local; shown += tick) {
        runs = runs || shows_match(expression, shown);
      }
      latest = std::max(latest, local);
    }
    if (runs && now > from) result.push_back(now);
  }
  return result;
}

std::vector<TimePoint> computed(const Expression& expression, const TimeZone& zone, TimePoint from,
                                TimePoint to) {
  const auto schedule = Schedule::parse(expression.text());
  std::vector<TimePoint> result;
  auto next = schedule.value().next_after(from, zone, TimePoint{});
  while (next && *next <= to) {
    result.push_back(*next);
    next = schedule->next_after(*next, zone, TimePoint{});
  }
  return result;
}

struct ClockChange {
  const char* zone;
  const char* at;
};

constexpr std::array<ClockChange, 16> changes{{
    {"Europe/Berlin", "2026-03-29T01:00Z"},
    {"Europe/Berlin", "2026-10-25T01:00Z"},
    {"America/New_York", "2026-03-08T07:00Z"},
    {"America/New_York", "2026-11-01T06:00Z"},
    {"Australia/Lord_Howe", "2026-04-04T15:00Z"},
    {"Australia/Lord_Howe", "2026-10-03T15:30Z"},
    {"America/St_Johns", "2026-03-08T05:30Z"},
    {"Pacific/Chatham", "2026-04-04T14:00Z"},
    {"Antarctica/Troll", "2026-03-29T01:00Z"},  // two hours
    {"Antarctica/Troll", "2026-10-25T01:00Z"},
    {"America/Havana", "2026-03-08T05:00Z"},  // midnight does not exist
    {"America/Havana", "2026-11-01T05:00Z"},  // midnight occurs twice
    {"Africa/Casablanca", "2026-03-22T02:00Z"},
    {"Pacific/Apia", "2011-12-30T10:00Z"},  // a whole day does not exist
    {"Asia/Kathmandu", "2026-01-01T00:00Z"},
    {"", "2028-02-29T00:00Z"},
}};

// Gives how many times were compared.
std::size_t compare(ExpressionSource& source, bool has_seconds, Duration before, Duration after,
                    Duration tick) {
  std::size_t count = 0;
  for (const ClockChange& change : changes) {
    const Expression expression = source.next(has_seconds);
    const TimeZone zone = TimeZone::find(change.zone).value();
    const TimePoint middle = parse_iso(change.at).value_or(TimePoint{});
    // Also starts inside the hours that are skipped or repeated.
    const TimePoint from = middle - before + source.below(180) * tick;
    const auto expected = watched(expression, zone, from, middle + after, tick);
    EXPECT_EQ(computed(expression, zone, from, middle + after), expected)
        << expression.text() << " in " << change.zone << " from " << to_iso(from);
    count += expected.size();
  }
  return count;
}

TEST(SchedulePropertyTest, AgreesWithLookingEveryMinute) {
  ExpressionSource source{1};
  std::size_t count = 0;
  for (int round = 0; round < 30; ++round) {
    count += compare(source, /*has_seconds=*/false, 2h, 36h, 1min);
  }
  EXPECT_GT(count, 20'000U);
}

TEST(SchedulePropertyTest, AgreesWithLookingEverySecond) {
  ExpressionSource source{2};
  std::size_t count = 0;
  for (int round = 0; round < 3; ++round) {
    count += compare(source, /*has_seconds=*/true, 2h, 2h, 1s);
  }
  EXPECT_GT(count, 5'000U);
}

}  // namespace
}  // namespace bellpull
