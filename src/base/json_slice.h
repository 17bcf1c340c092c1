// The indices of a slice [start:stop:step], which JMESPath and JSONPath (RFC 9535, 2.3.4.2) have
// from Python: negative ones count from the end, and what is out of the list is cut off.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace bellpull {

// `step` is not 0. `visit` takes an index and says whether to go on.
template <class Visit>
void for_each_in_slice(std::size_t size, std::optional<std::int64_t> start,
                       std::optional<std::int64_t> stop, std::int64_t step, Visit visit) {
  const auto length = static_cast<std::int64_t>(size);
  const std::int64_t least = step > 0 ? 0 : -1;
  const std::int64_t most = step > 0 ? length : length - 1;
  const auto bound = [&](std::optional<std::int64_t> given, std::int64_t otherwise) {
    if (!given) return otherwise;
    return std::clamp(*given < 0 ? *given + length : *given, least, most);
  };
  const std::int64_t end = bound(stop, step > 0 ? length : -1);
  std::int64_t at = bound(start, step > 0 ? 0 : length - 1);
  while (step > 0 ? at < end : at > end) {
    if (!visit(static_cast<std::size_t>(at))) return;
    // Compared before it is added: a large step would overflow.
    if (step > 0 ? step >= end - at : step <= end - at) return;
    at += step;
  }
}

}  // namespace bellpull
