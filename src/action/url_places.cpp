#include "action/url_places.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "action/placeholder.h"
#include "action/template.h"

namespace bellpull {

namespace {

// Stands for a field in what is before another; no URL is sent with this byte.
constexpr char hole = '\x01';

enum class Part : std::uint8_t { start, host, path, query };

struct Sight {
  Part part = Part::start;
  std::string_view path;    // as far as it goes
  bool given_base = false;  // the URL begins with a field that has scheme and host
};

// What the end of `url` is part of.
Sight look(std::string_view url) {
  Sight sight;
  if (url.empty()) return sight;
  sight.given_base = url.front() == hole && !url.substr(1).starts_with("://");
  if (sight.given_base) {
    url.remove_prefix(1);
  } else {
    const std::size_t scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos || scheme_end > url.find_first_of("/?#")) return sight;
    url.remove_prefix(scheme_end + 3);
  }
  const std::size_t slash = url.find('/');
  if (url.find_first_of("?#") != std::string_view::npos) {
    sight.part = Part::query;
  } else if (sight.given_base) {
    sight.part = Part::path;
    sight.path = url;
  } else if (slash == std::string_view::npos) {
    sight.part = Part::host;
  } else {
    sight.part = Part::path;
    sight.path = url.substr(slash);
  }
  return sight;
}

// Directly behind a host there is nothing that a path could be led out of.
bool begins_path(const Sight& sight) {
  return sight.part == Part::path &&
         (sight.path == "/" || (sight.given_base && sight.path.empty()));
}

bool ends_path(const Segments& url, std::size_t after) {
  if (after == url.size()) return true;
  const auto* const text = std::get_if<std::string>(&url[after]);
  return text != nullptr && (text->starts_with('?') || text->starts_with('#'));
}

// ".example" behind a base goes on with its host.
bool goes_on_with_host(const Sight& sight) {
  return sight.given_base && sight.part == Part::path && !sight.path.contains('/');
}

Place place_of(const Sight& sight, bool is_last) {
  switch (sight.part) {
    case Part::start:
      return Place::url_start;
    case Part::host:
      return Place::url_host;
    case Part::query:
      return Place::url_query;
    case Part::path:
      break;
  }
  return is_last && begins_path(sight) ? Place::url_rest : Place::url_path;
}

}  // namespace

bool mark_url_text(Segments& url) {
  bool chosen = false;
  std::string before;
  for (std::size_t i = 0; i < url.size(); ++i) {
    if (const auto* text = std::get_if<std::string>(&url[i])) {
      before += *text;
      continue;
    }
    auto& field = std::get<Placeholder>(url[i]);
    const Sight sight = look(before);
    field.place = place_of(sight, ends_path(url, i + 1));
    const bool names_host =
        sight.part == Part::start || sight.part == Part::host || goes_on_with_host(sight);
    chosen = chosen || (names_host && is_chosen_by_caller(field));
    before += hole;
  }
  return chosen;
}

void mark_path_behind(const Segments& url, Segments& path) {
  std::string base;
  for (const Segment& segment : url) {
    const auto* const text = std::get_if<std::string>(&segment);
    base += text == nullptr ? std::string(1, hole) : *text;
  }
  base.erase(std::min(base.find_first_of("?#"), base.size()));
  while (base.ends_with('/')) base.pop_back();
  base += '/';
  const Sight sight = look(base);
  const auto* const slash = path.empty() ? nullptr : std::get_if<std::string>(&path.front());
  const bool alone = path.size() == 1 || (path.size() == 2 && slash != nullptr && *slash == "/");
  const Place place = alone && begins_path(sight) ? Place::url_rest : Place::url_path;
  each_placeholder(path, [place](Placeholder& field) { field.place = place; });
}

}  // namespace bellpull
