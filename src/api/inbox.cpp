#include "api/inbox.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/call.h"
#include "api/cancel_run.h"
#include "api/change.h"
#include "api/event_body.h"
#include "api/event_filter.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/inbox_items.h"
#include "api/inbox_reader.h"
#include "api/list_reply.h"
#include "api/list_request.h"
#include "api/log_change.h"
#include "api/replay_edits.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/run_watch.h"
#include "api/schema.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "http/query.h"
#include "http/response.h"
#include "store/event_search.h"
#include "store/list.h"
#include "store/replay.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// How many of its replays a fetched event names; a list has them all.
constexpr std::int64_t shown_replays = 10;

ListRules inbox_list() {
  return {.kind = "event", .filters = event_filter_rules(), .has_meta = false};
}

std::optional<RunId> run_of_event_named(const Call& call) {
  const auto event = EventId::parse(call.parameter("eventId"));
  if (!event) return std::nullopt;
  return run_of(*event);
}

ListRules attempt_list() {
  return {.kind = "attempt", .order = Order::ascending, .has_meta = false};
}

// Lists leave the body out, and say what it is about instead.
Schema event_schema() {
  Schema schema = reply_schema("InboxEventWithBody", inbox_fields());
  add_members(schema.schema, object_schema({{"body", text_schema()},
                                            {"replays", array_schema(text_schema())},
                                            {"unknownCalls", unknown_calls_schema()}}));
  return schema;
}

// The list's filters and the search together.
struct InboxRequest {
  ListRequest list;
  EventSearch search;
};

Result<InboxRequest> parse_inbox(const Call& call) {
  static const ListRules rules = inbox_list();
  Problems problems;
  InboxRequest request{read_list(rules, call.request, call.caller.account, problems),
                       read_event_search(Query{call.request.query()}, problems)};
  if (!problems.empty()) return std::unexpected(problems.error());
  return request;
}

// The event as it is to be sent again. Fails when it can't be.
Result<Event> replayable(Transaction& rows, AccountKey account, RunId run,
                         const ReplayEdits& edits) {
  auto found = rows.runs().find(run, RunStore::Body::with);
  if (!found || found->run.account != account) return not_found("Event");
  const auto trigger = rows.triggers().find(found->event.trigger);
  if (!trigger || !is_alive(*trigger)) {
    return fail(ErrorCode::conflict, "The trigger was deleted", "send the body to another trigger");
  }
  if (found->event.body_removed_at && !edits.body) {
    return fail(ErrorCode::conflict, "The body was removed", "replay it with a body of its own");
  }
  edits.apply(found->event);
  return std::move(found->event);
}

// Every attempt resumes, and only a replay starts anew: what has ended is not retried.
Result<void> retry_run(Transaction& rows, const Call& call, RunId run, TimePoint now) {
  const auto found = rows.runs().find(run, RunStore::Body::without);
  if (!found || found->run.account != call.caller.account) return not_found("Event");
  if (rows.runs().retry(run, now)) {
    log_run(rows, call, found->run, "run.retry", now);
    return {};
  }
  if (!is_pending(found->run.state)) {
    return fail(ErrorCode::conflict, "The run has ended already",
                "replay the event: POST /api/v1/event/inbox/" + event_of(run).text() + "/replay");
  }
  return fail(ErrorCode::conflict, "The run is " + std::string{run_state_name(found->run.state)} +
                                       ": only one between two attempts can be retried");
}

}  // namespace

Inbox::Inbox(Store& store, const Clock& clock, RunWatch& watch, std::size_t body_limit)
    : store_(store),
      clock_(clock),
      reader_(store, clock, watch),
      bounded_(store, clock),
      body_limit_(body_limit) {}

void Inbox::add_routes(Routes& routes) {
  const std::string base = "/event/inbox";
  const std::string one = base + "/{eventId}";
  add_lists(routes, base);
  routes.get(one + "/fetch", [this](Call call) { return fetch(std::move(call)); })
      .describe({.summary = "Fetches an event with its body",
                 .gives = event_schema(),
                 .query = {wait_parameter()}});
  routes.get(one + "/body", [this](Call call) { return body(std::move(call)); })
      .describe({.summary = "Downloads the body of an event, byte for byte",
                 .gives = {"", {{"description", "Of the type that it was sent with."}}},
                 .form = Description::Form::bytes,
                 .media = "*/*"});
  routes.get(one + "/attempt/list", [this](Call call) { return list_attempts(std::move(call)); })
      .describe({.summary = "Lists the attempts at an event's run",
                 .gives = attempt_schema(),
                 .form = Description::Form::list,
                 .query = list_parameters(attempt_list())});
  routes.post(one + "/cancel", [this](Call call) { return cancel(std::move(call)); })
      .describe({.summary = "Ends the pending run of an event",
                 .gives = id_schema(),
                 .about = "A run that has ended is a conflict.",
                 .errors = {409}});
  routes.post(one + "/retry", [this](Call call) { return retry(std::move(call)); })
      .describe({.summary = "Tries an event's run again now, instead of at its next time",
                 .gives = id_schema(),
                 .about = "One that has ended is replayed instead.",
                 .errors = {409}});
  routes.post(one + "/replay", [this](Call call) { return replay(std::move(call)); })
      .describe({.summary = "Sends an event again, as a new one",
                 .takes = replay_body_schema(),
                 .gives = {"Replay", object_schema({{"id", text_schema()},
                                                    {"runId", text_schema()},
                                                    {"replayOf", text_schema()}})},
                 .errors = {409}});
}

void Inbox::add_lists(Routes& routes, const std::string& base) {
  std::vector<Description::Parameter> filters = event_search_parameters();
  std::vector<Description::Parameter> parameters = list_parameters(inbox_list());
  parameters.insert(parameters.end(), filters.begin(), filters.end());
  const std::string about =
      "More filters look into JSON bodies: `body.order.id=7`, `body.items[].sku=x`.";
  routes.get(base + "/list", [this](Call call) { return list(std::move(call)); })
      .describe({.summary = "Lists events with what became of them",
                 .gives = event_item_schema(),
                 .form = Description::Form::list,
                 .query = parameters,
                 .about = about});
  routes.get(base + "/count", [this](Call call) { return count(std::move(call)); })
      .describe({.summary = "Counts the events that a list would have",
                 .gives = {"EventCount", object_schema({{"count", whole_number_schema()},
                                                        {"exact", boolean_schema()}})},
                 .query = parameters,
                 .about = "Not exact: there was no time to look at all. " + about});
}

Task<Response> Inbox::list(Call call) {
  Result<InboxRequest> request = parse_inbox(call);
  if (!request) co_return call.reply(request.error());
  request->list = co_await with_aliases_resolved(&store_, std::move(request->list));

  ReadPage read = [this, query = request->list.query, search = request->search, view = call.view](
                      const Page& page) { return reader_.read_events(query, search, page, view); };
  co_return co_await list_reply(std::move(call), std::move(request->list), std::move(read));
}

Task<Response> Inbox::count(Call call) {
  Result<InboxRequest> request = parse_inbox(call);
  if (!request) co_return call.reply(request.error());
  request->list = co_await with_aliases_resolved(&store_, std::move(request->list));

  std::int64_t count = 0;
  const auto look = [&](const Transaction& rows, const Page& page) {
    request->list.query.page = page;
    return rows.runs().times(request->list.query, request->search);
  };
  const auto take = [&](const std::vector<RunTimes>& rows) {
    count += static_cast<std::int64_t>(rows.size());
    return true;
  };
  const auto passed = co_await bounded_.pass({}, look, take);
  co_return call.reply(json::object{{"count", count}, {"exact", !passed}});
}

Task<Response> Inbox::fetch(Call call) {
  const std::optional<RunId> run = run_of_event_named(call);
  if (!run) co_return call.reply(not_found("Event").error());

  const Result<InboxItem> item = co_await reader_.find_awaited(call, *run, "Event");
  if (!item) co_return call.reply(item.error());
  json::array unknown;
  const std::vector<EventId> replays = co_await store_.read([&](const Transaction& rows) {
    unknown = unknown_calls(rows, item->run, call.view);
    return rows.runs().replays(item->event.id, shown_replays);
  });

  json::object reply = render(inbox_fields(), *item, call.view);
  json::array& named = reply["replays"].emplace_array();
  for (const EventId& replay : replays) named.emplace_back(replay.text());
  reply["unknownCalls"] = std::move(unknown);
  reply["body"] = item->event.body;
  co_return call.reply(reply);
}

Task<Response> Inbox::body(Call call) {
  const std::optional<RunId> run = run_of_event_named(call);
  if (!run) co_return call.reply(not_found("Event").error());

  Result<InboxItem> item = co_await reader_.find(call.caller.account, *run, "Event");
  if (!item) co_return call.reply(item.error());
  if (item->event.body_removed_at) {
    co_return call.reply(Error{ErrorCode::not_found, "The body was removed", {}});
  }

  Response response = body_reply(std::move(item->event));
  response.headers.add("x-request-id", call.request_id);
  co_return response;
}

// They are few, so one look has them all, and a page is cut from it.
Task<Response> Inbox::list_attempts(Call call) {
  Result<ListRequest> request = parse_list(attempt_list(), call.request, call.caller.account);
  if (!request) co_return call.reply(request.error());
  const std::optional<RunId> run = run_of_event_named(call);
  if (!run) co_return call.reply(not_found("Event").error());

  const Result<InboxItem> item = co_await reader_.find(call.caller.account, *run, "Event");
  if (!item) co_return call.reply(item.error());

  ReadPage read = [this, run = item->run, view = call.view](const Page& page) {
    return reader_.read_attempts(run, page, view);
  };
  co_return co_await list_reply(std::move(call), std::move(*request), std::move(read));
}

Task<Response> Inbox::cancel(Call call) {
  const std::optional<RunId> run = run_of_event_named(call);
  if (!run) co_return call.reply(not_found("Event").error());

  const TimePoint now = clock_.now();
  const Result<void> canceled = co_await store_.transact(
      [&](Transaction& rows) { return cancel_run(rows, call, *run, "Event", now); });
  if (!canceled) co_return call.reply(canceled.error());

  co_return call.reply(json::object{{"id", event_of(*run).text()}});
}

Task<Response> Inbox::retry(Call call) {
  const std::optional<RunId> run = run_of_event_named(call);
  if (!run) co_return call.reply(not_found("Event").error());

  const TimePoint now = clock_.now();
  const Result<void> retried =
      co_await store_.transact([&](Transaction& rows) { return retry_run(rows, call, *run, now); });
  if (!retried) co_return call.reply(retried.error());

  co_return call.reply(json::object{{"id", event_of(*run).text()}});
}

Task<Response> Inbox::replay(Call call) {
  const std::optional<RunId> run = run_of_event_named(call);
  if (!run) co_return call.reply(not_found("Event").error());
  const auto edits = ReplayEdits::parse(call.body, body_limit_);
  if (!edits) co_return call.reply(edits.error());

  const TimePoint now = clock_.now();
  const Result<EventId> added = co_await store_.transact([&](Transaction& rows) -> Result<EventId> {
    const Result<Event> original = replayable(rows, call.caller.account, *run, *edits);
    if (!original) return std::unexpected(original.error());
    const EventId made = rows.runs().add(replay_of(*original, now));
    const auto replay = rows.runs().find(run_of(made), RunStore::Body::without);
    if (replay) {
      log_run(rows, call, replay->run, "event.replay", now, {{"replayOf", event_of(*run).text()}});
    }
    return made;
  });
  if (!added) co_return call.reply(added.error());

  co_return call.reply(json::object{{"id", added->text()},
                                    {"runId", run_of(*added).text()},
                                    {"replayOf", event_of(*run).text()}});
}

}  // namespace bellpull
