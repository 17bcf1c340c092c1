#include "http/query.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "http/percent.h"

namespace bellpull {

Query::Query(std::string_view raw) {
  while (!raw.empty()) {
    const std::size_t end = std::min(raw.find('&'), raw.size());
    const std::string_view text = raw.substr(0, end);
    raw.remove_prefix(std::min(end + 1, raw.size()));
    if (text.empty()) continue;
    const std::size_t equals = std::min(text.find('='), text.size());
    Pair pair;
    percent_decode(text.substr(0, equals), PlusSign::is_space, pair.name);
    percent_decode(text.substr(std::min(equals + 1, text.size())), PlusSign::is_space, pair.value);
    pairs_.push_back(std::move(pair));
  }
}

std::optional<std::string_view> Query::find(std::string_view name) const {
  for (const Pair& pair : pairs_) {
    if (pair.name == name) return pair.value;
  }
  return std::nullopt;
}

}  // namespace bellpull
