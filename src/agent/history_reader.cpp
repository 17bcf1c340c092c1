#include "agent/history_reader.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "agent/history.h"
#include "base/task.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

// A run that resumes is the newest in its conversation, and its own bounds limit its messages.
constexpr int max_pages = 10;
// The result of `_getIncomingEvent` is the third message of a run.
constexpr std::int64_t messages_before_event = 2;

std::int64_t first_message_among(const std::vector<Message>& messages, const std::string& event) {
  for (const Message& message : messages) {
    if (event_of_activity(message) == event) {
      return std::max<std::int64_t>(message.id.number - messages_before_event, 1);
    }
  }
  return 0;
}

}  // namespace

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

Task<std::int64_t> HistoryReader::first_message_of(ConversationKey conversation, EventId event) {
  const auto find = [conversation, id = event.text()](const Transaction& snapshot) {
    Page page{.take = max_page, .order = Order::descending};
    for (int i = 0; i < max_pages; ++i) {
      const std::vector<Message> messages = snapshot.messages().list(conversation, page);
      if (messages.empty()) break;
      const std::int64_t found = first_message_among(messages, id);
      if (found != 0) return found;
      page.after = messages.back().id.number;
    }
    return std::int64_t{0};
  };
  co_return co_await store_.read(find);
}

}  // namespace bellpull
