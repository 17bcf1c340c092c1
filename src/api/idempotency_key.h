// The header Idempotency-Key (api-contract.md 1.7).
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "http/request.h"

namespace bellpull {

inline constexpr std::size_t max_key_bytes = 255;
// Says "true" in the answer to a repeat.
inline constexpr std::string_view repeat_header = "idempotent-replayed";

// "" when the request has none. Fails with `invalid` unless it is 1 to 255 visible ASCII
// characters, and stands there once: who sends one relies on it.
Result<std::string_view> idempotency_key(const RequestHead& request);

}  // namespace bellpull
