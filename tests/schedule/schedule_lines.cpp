// For tests/schedule: answers each line of stdin, "schedule<TAB>zone<TAB>after<TAB>count", with the
// next times after that instant, "ms/offset in seconds" divided by blanks, or "!" and why not.
#include <cstddef>
#include <iostream>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/trigger.h"
#include "schedule/fires.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"

namespace {

using namespace bellpull;

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t tab = line.find('\t'); tab != std::string::npos; tab = line.find('\t', from)) {
    parts.push_back(line.substr(from, tab - from));
    from = tab + 1;
  }
  parts.push_back(line.substr(from));
  return parts;
}

std::string answer(const std::string& line) {
  const std::vector<std::string> parts = split(line);
  if (parts.size() != 4) return "!four parts are needed";
  const TimePoint after = from_ms(std::stoll(parts[2]));
  Trigger trigger;
  trigger.schedule = parts[0];
  trigger.timezone = parts[1];
  trigger.schedule_anchor = after;
  const auto timetable = Timetable::of(trigger);
  if (!timetable) return "!" + timetable.error().message;
  const auto zone = TimeZone::find(parts[1]);
  if (!zone) return "!" + zone.error().message;
  std::string text;
  for (const Fire& fire : next_fires(*timetable, *zone, after, std::stoul(parts[3]))) {
    text += (text.empty() ? "" : " ") + std::to_string(to_ms(fire.at)) + "/" +
            std::to_string(fire.offset.count());
  }
  return text;
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) std::cout << answer(line) << '\n';
}
