#include "http/query.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/encoding.h"
#include "base/result.h"
#include "http/percent.h"

namespace bellpull {
namespace {

bool decode(std::string_view text, std::string& out) {
  return percent_decode(text, PlusSign::is_space, out) && is_utf8(out);
}

}  // namespace

Result<Query> Query::parse(std::string_view raw) {
  Query query;
  while (!raw.empty()) {
    const std::size_t end = std::min(raw.find('&'), raw.size());
    const std::string_view text = raw.substr(0, end);
    raw.remove_prefix(std::min(end + 1, raw.size()));
    if (text.empty()) continue;
    const std::size_t equals = text.find('=');
    Pair pair;
    const bool valid =
        decode(text.substr(0, equals), pair.name) &&
        (equals == std::string_view::npos || decode(text.substr(equals + 1), pair.value));
    if (!valid) {
      return fail(ErrorCode::invalid, "the query is not percent-encoded UTF-8");
    }
    query.pairs_.push_back(std::move(pair));
  }
  return query;
}

std::optional<std::string_view> Query::find(std::string_view name) const {
  for (const Pair& pair : pairs_) {
    if (pair.name == name) return pair.value;
  }
  return std::nullopt;
}

}  // namespace bellpull
