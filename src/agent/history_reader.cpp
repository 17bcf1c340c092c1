#include "agent/history_reader.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "agent/history.h"
#include "base/task.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

Task<History> HistoryReader::before(ConversationKey conversation, std::int64_t first_message) {
  if (first_message <= 1) co_return History{};
  std::vector<Message> messages =
      co_await store_.read([conversation, first_message](const Transaction& snapshot) {
        return snapshot.messages().list(
            conversation, {.after = first_message, .take = max_page, .order = Order::descending});
      });
  if (messages.empty()) co_return History{};
  const Reach reach = messages.back().id.number > 1 ? Reach::cut : Reach::whole;
  std::ranges::reverse(messages);
  co_return history_of(messages, reach, bytes_);
}

}  // namespace bellpull
