// What calls of actions have changed in the store, each kept in the transaction of its change: a
// call that is made again, after a crash, finds what it did and does nothing.
//
// Lifetime: lives inside its Transaction. Threads: the store's own.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

// Longer than a run can have to wait for its next attempt.
inline constexpr Duration done_call_lifetime = std::chrono::days{30};

class DoneCallStore {
 public:
  virtual ~DoneCallStore() = default;

  // What was kept under a call's key; nothing when there is none, or its time is over.
  virtual std::optional<std::string> find(AccountKey account, std::string_view key,
                                          TimePoint now) const = 0;
  // Call it when there is none. `result` holds ids alone, and nothing of a person: it outlives what
  // it tells of.
  virtual void add(AccountKey account, std::string_view key, std::string_view result,
                   TimePoint now) = 0;
};

}  // namespace bellpull
