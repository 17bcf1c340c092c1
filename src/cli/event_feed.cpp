#include "cli/event_feed.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "cli/failure.h"
#include "cli/json_path.h"
#include "cli/listing.h"

namespace bellpull::cli {

namespace {

constexpr auto inbox = "/event/inbox/list";
// How far back the events of a conversation are looked for among those of its trigger.
constexpr std::int64_t max_history = 2'000;
constexpr std::int64_t recent = 200;

}  // namespace

EventFeed::Events EventFeed::unseen(Events events) {
  std::erase_if(events,
                [this](const auto& event) { return !seen_.insert(text_at(event, "id")).second; });
  return events;
}

Outcome<EventFeed::Events> EventFeed::latest(std::int64_t count) {
  if (!choice_.conversation_id.empty()) return newest_of_conversation(count, max_history);

  // Before the events, so that none can slip in between the two.
  const auto newest = read_page(client_, inbox, {{"triggerId", choice_.trigger_id}}, 1);
  if (!newest) return std::unexpected(newest.error());
  cursor_ = newest->cursor;
  if (count == 0) {
    static_cast<void>(unseen(newest->items));
    return Events{};
  }
  auto events = read_items(client_, inbox, {{"triggerId", choice_.trigger_id}}, count);
  if (!events) return events;
  std::ranges::reverse(*events);
  return unseen(std::move(*events));
}

Outcome<EventFeed::Events> EventFeed::arrivals() {
  return choice_.conversation_id.empty() ? after_cursor() : newest_of_conversation(recent, recent);
}

Outcome<EventFeed::Events> EventFeed::after_cursor() {
  Events events;
  while (true) {
    auto page = read_page(client_, inbox, {{"triggerId", choice_.trigger_id}, {"order", "asc"}},
                          max_page, cursor_);
    if (!page) return std::unexpected(page.error());
    if (page->items.empty()) return unseen(std::move(events));
    cursor_ = page->cursor;
    std::ranges::move(page->items, std::back_inserter(events));
  }
}

// An event has its conversation only once its run has begun, so no cursor can tell what is new.
Outcome<EventFeed::Events> EventFeed::newest_of_conversation(std::int64_t count,
                                                             std::int64_t max_searched) {
  auto found =
      read_items(client_, inbox,
                 {{"triggerId", choice_.trigger_id}, {"conversationId", choice_.conversation_id}},
                 max_searched);
  if (!found) return found;
  std::erase_if(*found, [this](const auto& event) {
    return text_at(event, "conversationId") != choice_.conversation_id;
  });
  if (static_cast<std::int64_t>(found->size()) > count) {
    for (auto old = found->begin() + count; old != found->end(); ++old) {
      seen_.insert(text_at(*old, "id"));
    }
    found->resize(static_cast<std::size_t>(count));
  }
  std::ranges::reverse(*found);
  return unseen(std::move(*found));
}

}  // namespace bellpull::cli
