#include "api/path_hint.h"

#include <array>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/routes.h"
#include "schedule/nearest_name.h"

namespace bellpull {

namespace {

// Longer ones are not mistyped, and would cost time that strangers could ask for.
constexpr std::size_t max_path_bytes = 200;
constexpr std::size_t max_word_bytes = 32;

using Words = std::vector<std::string_view>;

Words words_of(std::string_view path) {
  Words words;
  while (!path.empty()) {
    path.remove_prefix(path.starts_with('/') ? 1 : 0);
    const std::string_view word = path.substr(0, path.find('/'));
    if (!word.empty()) words.push_back(word);
    path.remove_prefix(word.size());
  }
  return words;
}

// The pattern's words, with what was given in the place of its parameters, when they differ in one
// word by a few letters, or in none.
std::optional<Words> mended(const Words& given, const Words& pattern) {
  if (given.size() != pattern.size()) return std::nullopt;
  Words words = given;
  bool is_mended = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i].starts_with('{') || pattern[i] == given[i]) continue;
    if (is_mended || given[i].size() > max_word_bytes) return std::nullopt;
    const std::array candidates{pattern[i]};
    if (!nearest_name(given[i], candidates)) return std::nullopt;
    words[i] = pattern[i];
    is_mended = true;
  }
  return words;
}

}  // namespace

std::string path_hint(const std::deque<Routes::Endpoint>& endpoints, std::string_view path) {
  if (path.size() > max_path_bytes) return {};
  std::string_view prefix = route_prefixes[0];
  for (const std::string_view known : route_prefixes) {
    if (!path.starts_with(std::string{known} + "/")) continue;
    prefix = known;
    path.remove_prefix(known.size());
    break;
  }
  const Words given = words_of(path);
  for (const Routes::Endpoint& endpoint : endpoints) {
    if (!endpoint.is_built) continue;
    const auto words = mended(given, words_of(endpoint.path));
    if (!words) continue;
    std::string meant{endpoint.has_prefix ? prefix : ""};
    for (const std::string_view word : *words) meant += "/" + std::string{word};
    return "did you mean " + meant + "?";
  }
  return {};
}

}  // namespace bellpull
