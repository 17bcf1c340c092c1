#include "schedule/time_zone.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <date/tz.h>
#include <fmt/core.h>

#include "base/result.h"
#include "base/time.h"
#include "schedule/nearest_name.h"
#include "schedule/problem.h"

namespace bellpull {

namespace {

// The longest IANA name has 32 bytes; a longer text gets no search for its nearest name.
constexpr std::size_t max_name_bytes = 64;

// A name of fewer letters is mostly an abbreviation ("PST"), and the nearest is a wrong guess.
constexpr std::size_t min_guessed_bytes = 5;

// tzdata's name for whatever this machine is set to; it would differ between servers.
constexpr std::string_view machine_zone = "localtime";

// Every instant that shows a local time lies within a day of reading that time as UTC: no offset
// in tzdata reaches 24 hours.
constexpr std::chrono::hours max_offset{24};

const date::time_zone* known_zone(std::string_view name) {
  if (name == machine_zone) return nullptr;
  const auto& zones = date::get_tzdb().zones;
  const auto found = std::lower_bound(zones.begin(), zones.end(), name,
                                      [](const date::time_zone& zone, std::string_view wanted) {
                                        return std::string_view{zone.name()} < wanted;
                                      });
  return found != zones.end() && found->name() == name ? &*found : nullptr;
}

// "berlin" means Europe/Berlin: people know the city.
std::optional<std::string_view> nearest_zone(std::string_view text) {
  std::vector<std::string_view> names;
  std::vector<std::string_view> cities;
  for (const date::time_zone& zone : date::get_tzdb().zones) {
    if (zone.name() == machine_zone) continue;
    names.emplace_back(zone.name());
    cities.push_back(names.back().substr(names.back().rfind('/') + 1));
  }
  if (const auto name = nearest_name(text, names)) return name;
  const auto city = nearest_name(text, cities);
  if (!city) return std::nullopt;
  return names[static_cast<std::size_t>(std::ranges::find(cities, *city) - cities.begin())];
}

std::string hint_for(std::string_view name) {
  if (name.size() >= min_guessed_bytes && name.size() <= max_name_bytes) {
    if (const auto nearest = nearest_zone(name)) return fmt::format("did you mean {}?", *nearest);
  }
  return "use an IANA name such as Europe/Berlin, or UTC";
}

}  // namespace

// The library knows the release only where tzdata brings a file that Debian leaves out.
std::string zone_rules() {
  const std::filesystem::path folder{"/usr/share/zoneinfo"};
  std::ifstream sources{folder / "tzdata.zi"};
  constexpr std::string_view before_release = "# version ";
  std::string line;
  if (std::getline(sources, line) && line.starts_with(before_release)) {
    return line.substr(before_release.size());
  }
  std::error_code none;
  const auto installed = std::filesystem::last_write_time(folder, none);
  return none ? "none" : fmt::format("installed {}", installed.time_since_epoch().count());
}

bool has_offset(std::string_view iso) {
  // It stands after the date, whose own dashes are not one.
  constexpr std::size_t date_bytes = 10;
  return iso.size() > date_bytes && iso.find_first_of("Zz+-", date_bytes) != std::string_view::npos;
}

LocalTime ZonePeriod::local(TimePoint time) const {
  return LocalTime{time.time_since_epoch() + offset};
}

TimePoint ZonePeriod::instant(LocalTime local) const {
  return TimePoint{local.time_since_epoch() - offset};
}

Result<TimeZone> TimeZone::find(std::string_view name) {
  if (name.empty() || name == "UTC") return utc();
  const date::time_zone* zone = known_zone(name);
  if (zone == nullptr) {
    return fail(ErrorCode::invalid, fmt::format("timezone {} is not known", quoted(name)),
                hint_for(name));
  }
  return TimeZone{zone};
}

std::string_view TimeZone::name() const {
  return zone_ == nullptr ? std::string_view{"UTC"} : std::string_view{zone_->name()};
}

ZonePeriod TimeZone::period_at(TimePoint time) const {
  if (zone_ == nullptr) return {TimePoint::min(), TimePoint::max(), std::chrono::seconds{0}};
  const date::sys_info info = zone_->get_info(std::chrono::floor<std::chrono::seconds>(time));
  return {info.begin, info.end, info.offset};
}

TimePoint TimeZone::instant_of(LocalTime local) const {
  const TimePoint as_utc{local.time_since_epoch()};
  if (zone_ == nullptr) return as_utc;
  ZonePeriod period = period_at(as_utc - max_offset);
  for (;;) {
    const TimePoint instant = period.instant(local);
    // Not reached by the period before, and passed at the start of this one: a gap.
    if (instant < period.begin) return period.begin;
    if (instant < period.end) return instant;
    period = period_at(period.end);
  }
}

}  // namespace bellpull
