// How often what only reads may write to the event log: a search of a dataset, once a minute for a
// dataset and a token. Otherwise a token that may read could push everybody's entries out of it.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

class LogPace {
 public:
  explicit LogPace(const Clock& clock) : clock_(clock) {}

  // Whether this one is to be logged; if so, those of the next minute are not.
  bool takes(DatasetKey dataset, TokenKey token);

  std::size_t size() const;

 private:
  const Clock& clock_;

  mutable std::mutex mutex_;
  // guarded by mutex_:
  std::map<std::pair<std::int64_t, std::int64_t>, SteadyTime> logged_;
};

}  // namespace bellpull
