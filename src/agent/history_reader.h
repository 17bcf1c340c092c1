// Reads what a conversation held before a run.
//
// Lifetime: the store outlives it. Threads: the worker's executor only.
#pragma once

#include <cstddef>
#include <cstdint>

#include "agent/history.h"
#include "base/task.h"
#include "domain/ids.h"
#include "store/store.h"

namespace bellpull {

class HistoryReader {
 public:
  HistoryReader(Store& store, std::size_t bytes) : store_(store), bytes_(bytes) {}

  // The newest messages before number `first_message`; none when that is 0 or 1.
  Task<History> before(ConversationKey conversation, std::int64_t first_message);

 private:
  Store& store_;
  const std::size_t bytes_;
};

}  // namespace bellpull
