// How long keys count, and how much is kept for them.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "domain/event.h"

namespace bellpull {

struct KeyRules {
  Duration lifetime = default_key_lifetime;
  std::int64_t account_bytes = std::int64_t{64} * 1024 * 1024;  // of an account's kept answers
};

}  // namespace bellpull
