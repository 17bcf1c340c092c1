#include "action/conversations.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "action/action.h"
#include "action/inner.h"
#include "action/input_fields.h"
#include "action/outcome.h"
#include "action/said.h"
#include "action/shape.h"
#include "action/word_match.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// What one search reads: about a second of a reader's time, in small pieces.
constexpr std::int64_t max_conversations = 50;
constexpr std::int64_t max_looks = 2;  // of max_page messages, the newest
constexpr Duration search_time = std::chrono::seconds{5};
// What it gives.
constexpr std::int64_t default_found = 5;
constexpr std::int64_t max_found = 20;
constexpr std::size_t max_quotes = 3;
constexpr std::size_t quote_bytes = 500;

constexpr std::int64_t default_messages = 50;
constexpr std::size_t fetched_bytes = std::size_t{32} * 1024;
constexpr std::size_t message_bytes = std::size_t{8} * 1024;

// Whose conversations a call reaches; nobody's without a filter.
std::vector<Filter> reach_of(const CallContext& context) {
  std::vector<Filter> reach;
  if (context.contact) {
    reach.push_back({.field = "contact", .any_of = {context.contact->key.value}});
  } else if (context.bot) {
    reach.push_back({.field = "bot", .any_of = {context.bot->key.value}});
  } else {
    return reach;
  }
  if (context.from_anybody) {
    const std::int64_t trigger = context.trigger ? context.trigger->key.value : 0;
    reach.push_back({.field = "trigger", .any_of = {trigger}});
  }
  return reach;
}

bool is_reached(const CallContext& context, const Conversation& conversation) {
  if (conversation.account != context.account) return false;
  const bool of_trigger = context.trigger && conversation.trigger == context.trigger->key;
  if (context.from_anybody && !of_trigger) return false;
  if (context.contact) return conversation.contact == context.contact;
  return context.bot && conversation.bot == context.bot;
}

// A conversation in which the words were found.
struct Found {
  Conversation conversation;
  std::size_t words = 0;  // of the query, in one message
  std::vector<std::pair<std::size_t, Said>> quotes;
};

// The best quotes first; of equal ones the newer.
void keep_best(Found& found) {
  std::ranges::sort(found.quotes, std::ranges::greater{}, [](const auto& quote) {
    return std::pair{quote.first, quote.second.message.number};
  });
  if (found.quotes.size() > max_quotes) found.quotes.resize(max_quotes);
  if (!found.quotes.empty()) found.words = found.quotes.front().first;
}

// Passes one page of a conversation's messages; gives the number to go on after, or nothing.
std::optional<std::int64_t> pass(const Transaction& rows, std::string_view query,
                                 std::int64_t after, Found& found) {
  const WordMatch match{rows, query};
  const std::vector<Message> messages =
      rows.messages().list(found.conversation.id.key, {.after = after});
  for (const Message& message : messages) {
    auto said = said_in(message);
    if (!said) continue;
    const std::size_t words = match.count(said->text);
    if (words > 0) found.quotes.emplace_back(words, std::move(*said));
  }
  keep_best(found);
  if (messages.empty()) return std::nullopt;
  return messages.back().id.number;
}

json::object described(const Conversation& conversation) {
  json::object one{{"id", conversation.id.text()},
                   {"name", conversation.name},
                   {"createdAt", to_iso(conversation.created_at)}};
  if (conversation.bot) one["botId"] = conversation.bot->text();
  return one;
}

json::object shown_found(const Found& found) {
  json::object one = described(found.conversation);
  json::array quotes;
  for (const auto& [words, said] : found.quotes) quotes.push_back(shown(said, quote_bytes));
  one["messages"] = std::move(quotes);
  return one;
}

Error no_reach() {
  return {ErrorCode::invalid, "Conversations are found in a run only: this call is of none"};
}

struct SearchResult {
  std::vector<Found> found;
  std::int64_t searched = 0;
  bool complete = true;
};

// The query lives in the caller, which waits.
Task<SearchResult> read_all(Store* store, std::vector<Conversation> conversations,
                            std::string query, SteadyTime end) {
  SearchResult result;
  result.complete = conversations.size() < static_cast<std::size_t>(max_conversations);
  for (Conversation& conversation : conversations) {
    if (store->clock().steady_now() >= end) {
      result.complete = false;
      break;
    }
    Found found{.conversation = std::move(conversation)};
    std::optional<std::int64_t> after = 0;
    for (std::int64_t looks = 0; looks < max_looks && after; ++looks) {
      after = co_await store->read(
          [&](const Transaction& rows) { return pass(rows, query, *after, found); },
          ReadKind::list);
    }
    if (after && *after > 1) result.complete = false;
    ++result.searched;
    if (found.words > 0) result.found.push_back(std::move(found));
  }
  co_return result;
}

}  // namespace

const ActionShape& ConversationSearchAction::shape() const {
  static const ActionShape shape{.main = "query", .fields = {"limit"}};
  return shape;
}

Task<ActionOutcome> ConversationSearchAction::execute(ActionRequest request) {
  if (is_strangers(request)) co_return error_outcome(refused_stranger("conversation/search"));
  InputFields fields{request.input};
  const std::string query = fields.required_text("query");
  const auto limit = fields.whole("limit", 1, max_found).value_or(default_found);
  if (const std::string problems = fields.problems(); !problems.empty()) {
    co_return error_outcome(std::string_view{problems});
  }
  std::vector<Filter> reach = reach_of(request.context);
  if (reach.empty()) co_return error_outcome(no_reach());
  ListQuery list{.account = request.context.account, .filters = std::move(reach)};
  auto conversations = co_await store_.read_page({.take = max_conversations},
                                                 [&](const Transaction& rows, const Page& page) {
                                                   list.page = page;
                                                   return rows.conversations().look(list);
                                                 });
  if (!conversations) co_return error_outcome(conversations.error());
  std::erase_if(*conversations, [&](const Conversation& one) {
    return request.context.conversation && one.id == *request.context.conversation;
  });
  const SteadyTime end =
      std::min<SteadyTime>(request.deadline, store_.clock().steady_now() + search_time);
  SearchResult result = co_await read_all(&store_, std::move(*conversations), query, end);
  std::ranges::sort(result.found, std::ranges::greater{}, [](const Found& one) {
    return std::pair{one.words, one.conversation.id.key.value};
  });
  if (std::ssize(result.found) > limit) result.found.resize(static_cast<std::size_t>(limit));
  json::array shown;
  for (const Found& one : result.found) shown.push_back(shown_found(one));
  co_return ActionOutcome{.result = json::object{{"conversations", std::move(shown)},
                                                 {"searched", result.searched},
                                                 {"complete", result.complete}}};
}

const ActionShape& ConversationFetchAction::shape() const {
  static const ActionShape shape{.main = "conversationId", .fields = {"id", "limit"}};
  return shape;
}

Task<ActionOutcome> ConversationFetchAction::execute(ActionRequest request) {
  if (is_strangers(request)) co_return error_outcome(refused_stranger("conversation/fetch"));
  InputFields fields{request.input};
  std::string name = fields.text("id");
  if (name.empty()) name = fields.required_text("conversationId");
  const auto limit = fields.whole("limit", 1, max_page).value_or(default_messages);
  if (const std::string problems = fields.problems(); !problems.empty()) {
    co_return error_outcome(std::string_view{problems});
  }
  const auto id = ConversationId::parse(name);
  std::vector<Message> messages;
  const auto conversation = co_await store_.read([&](const Transaction& rows) {
    auto found = id ? rows.conversations().find(*id) : std::nullopt;
    if (found && !is_reached(request.context, *found)) found.reset();
    if (found) messages = rows.messages().list(found->id.key, {});
    return found;
  });
  if (!conversation) {
    co_return error_outcome(
        fmt::format("There is no conversation \"{}\" of {}: give the id of one, as "
                    "conversation/search has it",
                    name, request.context.contact ? "this contact" : "this bot"));
  }
  json::array shown_messages;
  std::size_t bytes = 0;
  for (const Message& message : messages) {
    const auto said = said_in(message);
    if (!said) continue;
    bytes += std::min(said->text.size(), message_bytes);
    if (std::ssize(shown_messages) == limit || bytes > fetched_bytes) break;
    shown_messages.push_back(shown(*said, message_bytes));
  }
  std::ranges::reverse(shown_messages);
  json::object result = described(*conversation);
  result["description"] = conversation->description;
  result["messages"] = std::move(shown_messages);
  co_return ActionOutcome{.result = std::move(result)};
}

}  // namespace bellpull
