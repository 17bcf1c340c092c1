#include "base/duration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/time.h"

namespace bellpull {

namespace {

struct Unit {
  std::string_view letters;
  std::string_view word;  // of one; "s" behind it for more
  std::int64_t ms;
};
constexpr auto units = std::to_array<Unit>({{"ms", "millisecond", 1},
                                            {"s", "second", 1'000},
                                            {"m", "minute", 60'000},
                                            {"h", "hour", 3'600'000},
                                            {"d", "day", 86'400'000}});

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  constexpr std::int64_t most = 1'000'000'000;
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || number < 0 || number > most) return std::nullopt;
  std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
  name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
  const auto* const unit = std::ranges::find_if(units, [&](const Unit& one) {
    return name == one.letters || name == one.word ||
           (name.ends_with('s') && name.substr(0, name.size() - 1) == one.word);
  });
  if (unit == units.end()) return std::nullopt;
  return Duration{number * unit->ms};
}

}  // namespace bellpull
