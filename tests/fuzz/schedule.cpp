// A schedule, and in a first line of its own its time zone: whatever is taken has next times that
// come after the time asked for and do not depend on how far before it one asks.
#include "schedule/schedule.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/encoding.h"
#include "base/time.h"
#include "fuzz/claim.h"
#include "schedule/time_zone.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bellpull;
  std::string_view input = text_of(data, size);
  if (!is_utf8(input)) return 0;  // no such text gets past the JSON parser
  const std::string_view zone_name = take_until(input, '\n');
  const auto named = TimeZone::find(zone_name);
  if (!named) claim(is_utf8(named.error().message), "UTF-8 in an error");
  const TimeZone zone = named ? *named : TimeZone::utc();
  const auto schedule = Schedule::parse(input);
  if (!schedule) {
    claim(is_utf8(schedule.error().message) && is_utf8(schedule.error().hint), "UTF-8 in an error");
    return 0;
  }
  TimePoint after = from_ms(1'800'000'000'000);
  const TimePoint anchor = after - Duration{1'234'567};
  for (int i = 0; i < 4; ++i) {
    const std::optional<TimePoint> next = schedule->next_after(after, zone, anchor);
    if (!next) return 0;
    claim(*next > after, "a next time after the one asked for");
    claim(schedule->next_after(*next - Duration{1}, zone, anchor) == next, "one next time");
    claim(schedule->next_after(after + (*next - after) / 2, zone, anchor) == next, "one next time");
    after = *next;
  }
  return 0;
}
