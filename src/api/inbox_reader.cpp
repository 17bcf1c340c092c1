#include "api/inbox_reader.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <expected>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/this_coro.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/field_value.h"
#include "api/inbox_items.h"
#include "api/list_reply.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/run_watch.h"
#include "api/schema.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "http/query.h"
#include "store/event_search.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::chrono::seconds max_wait{30};

// How long the query wants to wait for the run's end.
Result<Duration> wait_of(const Call& call) {
  const Query query{call.request.query()};
  const std::string_view text = trimmed(query.find("wait").value_or(""));
  if (text.empty()) return Duration{0};
  std::int64_t seconds = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (problem != std::errc{} || end != text.data() + text.size() || seconds < 0) {
    return fail(ErrorCode::invalid, "wait must be a whole number of seconds, 0 or more");
  }
  return std::min<Duration>(std::chrono::seconds{std::min<std::int64_t>(seconds, 3600)}, max_wait);
}

// How an attempt ended, as far as it has: the last one as its run did.
json::value outcome_of(const Attempt& attempt, const Run& run) {
  if (attempt.number == run.attempt) return json::value(run_state_name(run.state));
  return json::value(attempt.error.empty() ? "interrupted" : "failed");
}

json::object render_attempt(const Attempt& attempt, const Run& run, const View& view) {
  json::object shown = render(attempt_fields(), attempt, view);
  const bool is_last = attempt.number == run.attempt;
  shown["outcome"] = outcome_of(attempt, run);
  if (attempt.number == 1 && run.started_at) shown["startedAt"] = view.time(run.started_at);
  if (is_last && run.state == RunState::running) shown["endedAt"] = nullptr;
  if (is_last && run.ended_at) shown["endedAt"] = view.time(run.ended_at);
  if (is_last && !run.error_message.empty()) shown["error"] = run.error_message;
  shown["nextAttemptAt"] = is_last ? view.time(run.due_at) : json::value(nullptr);
  return shown;
}

// The last attempt has a place, and every one before it, whether they left steps or not.
std::vector<Attempt> complete(const std::vector<Attempt>& found, const Run& run) {
  std::vector<Attempt> attempts;
  auto next = found.begin();
  for (std::int64_t number = 1; number <= run.attempt; ++number) {
    while (next != found.end() && next->number < number) ++next;
    const bool is_found = next != found.end() && next->number == number;
    attempts.push_back(is_found ? *next : Attempt{.number = number});
  }
  return attempts;
}

}  // namespace

Description::Parameter wait_parameter() {
  return {.name = "wait",
          .about =
              "Answers when the run has ended, or after so many seconds; 30 at most, however "
              "many are asked for",
          .schema = whole_number_schema()};
}

Schema event_item_schema() {
  Schema schema = reply_schema("InboxEvent", inbox_fields());
  add_members(schema.schema, object_schema({{"summary", or_null(text_schema())}}));
  return schema;
}

Schema attempt_schema() {
  Schema schema = reply_schema("Attempt", attempt_fields());
  add_members(schema.schema, object_schema({{"outcome", text_schema()},
                                            {"nextAttemptAt", or_null(time_schema())}}));
  return schema;
}

InboxReader::InboxReader(Store& store, const Clock& clock, RunWatch& watch)
    : store_(store), reader_(store, clock), watch_(watch) {}

Task<Result<InboxItem>> InboxReader::find(AccountKey account, RunId run,
                                          std::string_view what) const {
  co_return co_await store_.read([&](const Transaction& rows) -> Result<InboxItem> {
    auto found = rows.runs().find(run, RunStore::Body::with);
    if (!found || found->run.account != account) return not_found(what);
    return inbox_item(rows, std::move(*found));
  });
}

Task<Result<InboxItem>> InboxReader::find_awaited(Call call, RunId run,
                                                  std::string_view what) const {
  const Result<Duration> wait = wait_of(call);
  if (!wait) co_return std::unexpected(wait.error());

  const auto ticket = watch_.watch(run, co_await boost::asio::this_coro::executor);
  Result<InboxItem> item = co_await find(call.caller.account, run, what);
  if (!item || !is_pending(item->run.state) || *wait == Duration{0}) co_return item;
  if (ticket) co_await ticket->wait(*wait);
  const Result<void> permitted = co_await call.permit.check();
  if (!permitted) co_return std::unexpected(permitted.error());
  co_return co_await find(call.caller.account, run, what);
}

Task<InboxReader::Items> InboxReader::read_items(ListQuery query, EventSearch search,
                                                 Page page) const {
  Items read;
  std::unordered_map<TriggerKey, std::optional<TriggerId>> triggers;
  const auto look = [&](const Transaction& rows, const Page& at) {
    query.page = at;
    query.page.take = page.take - static_cast<std::int64_t>(read.items.size());
    PagePart<EventAndRun> part = rows.runs().look(query, search);
    PagePart<InboxItem> found{.passed = part.passed};
    for (EventAndRun& one : part.rows) {
      const auto [known, is_new] = triggers.try_emplace(one.run.trigger);
      if (is_new) known->second = trigger_of(rows, one.run.trigger);
      found.rows.push_back({std::move(one.event), std::move(one.run), known->second});
    }
    return found;
  };
  const auto take = [&](std::vector<InboxItem> items) {
    std::ranges::move(items, std::back_inserter(read.items));
    return static_cast<std::int64_t>(read.items.size()) < page.take;
  };
  const std::optional<std::int64_t> passed = co_await reader_.pass(page, look, take);
  const bool is_full = static_cast<std::int64_t>(read.items.size()) >= page.take;
  if (passed && !is_full) {
    read.page = {.last = *passed, .is_partial = true};
  } else if (!read.items.empty()) {
    read.page.last = read.items.back().event.id.value;
  }
  co_return read;
}

Task<Result<ListPage>> InboxReader::read_events(ListQuery query, EventSearch search, Page page,
                                                View view) const {
  Items read = co_await read_items(std::move(query), std::move(search), page);
  for (const InboxItem& item : read.items) {
    json::object shown = render(inbox_fields(), item, view);
    const std::string summary = summary_of(item.event);
    shown["summary"] = summary.empty() ? json::value(nullptr) : json::value(summary);
    read.page.items.push_back(std::move(shown));
  }
  co_return std::move(read.page);
}

Task<Result<ListPage>> InboxReader::read_runs(ListQuery query, EventSearch search, Page page,
                                              View view) const {
  Items read = co_await read_items(std::move(query), std::move(search), page);
  for (const InboxItem& item : read.items) {
    read.page.items.push_back(render(run_fields(), item, view));
  }
  co_return std::move(read.page);
}

Task<Result<ListPage>> InboxReader::read_attempts(Run run, Page page, View view) const {
  const std::vector<Attempt> found =
      co_await store_.read([&](const Transaction& rows) { return rows.runs().attempts(run.id); });
  std::vector<Attempt> attempts = complete(found, run);
  if (page.order == Order::descending) std::ranges::reverse(attempts);
  ListPage rendered;
  for (const Attempt& attempt : attempts) {
    const bool is_after =
        page.order == Order::descending ? attempt.number < page.after : attempt.number > page.after;
    if (page.after != 0 && !is_after) continue;
    if (std::ssize(rendered.items) == page.take) break;
    rendered.items.push_back(render_attempt(attempt, run, view));
    rendered.last = attempt.number;
  }
  co_return rendered;
}

}  // namespace bellpull
