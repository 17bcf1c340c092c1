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

  // The number of the first message of the event's run; 0 when it is not found among the newest
  // ones, for somebody has removed it: the run then goes on without history.
  Task<std::int64_t> first_message_of(ConversationKey conversation, EventId event);

 private:
  Store& store_;
  const std::size_t bytes_;
};

}  // namespace bellpull
