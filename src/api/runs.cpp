#include "api/runs.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
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
#include "api/field_value.h"
#include "api/list_reply.h"
#include "api/list_request.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/run_watch.h"
#include "api/usage_window.h"
#include "api/view.h"
#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/step.h"
#include "http/query.h"
#include "http/response.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

// A run with its event and the id of their trigger, which may be deleted by now.
struct InboxItem {
  Event event;
  Run run;
  std::optional<TriggerId> trigger;
  bool has_body = true;  // lists are read without
};

namespace {

constexpr std::chrono::seconds max_wait{30};
constexpr std::string_view cancel_reason = "canceled by hand";

constexpr std::array<std::string_view, 9> state_names{"queued",     "running",   "waiting",
                                                      "retrying",   "succeeded", "failed",
                                                      "incomplete", "canceled",  "dead"};

std::string_view source_name(EventSource source) {
  switch (source) {
    case EventSource::request:
      return "request";
    case EventSource::schedule:
      return "schedule";
    case EventSource::invoke:
      return "invoke";
  }
  return {};
}

json::value text_or_null(std::string_view text) {
  if (text.empty()) return nullptr;
  return json::value(text);
}

template <class Id>
json::value id_or_null(const std::optional<Id>& id) {
  return id ? json::value(id->text()) : json::value(nullptr);
}

// The session as its sender or owner would write it: without the letter of its type.
json::value session_name(const SessionKey& session) {
  const std::string_view text = session.text();
  if (text.empty()) return nullptr;
  const std::string_view name = text.substr(std::min<std::size_t>(2, text.size()));
  return json::value(name.empty() ? "invoke" : name);
}

json::value contact_of(const Event& event) {
  return json::object{{"name", text_or_null(event.contact.name)},
                      {"email", text_or_null(event.contact.email)},
                      {"phone", text_or_null(event.contact.phone)}};
}

// A field that is made, not stored under its name; all of these are read-only.
template <class Resource, class Write>
Field<Resource> shown(std::string_view name, ValueKind kind, Write write) {
  return {.name = name,
          .shape = {.kind = kind, .nullable = true},
          .write = [write](const Resource& resource, const View& view) {
            return json::value(write(resource, view));
          }};
}

Field<InboxItem> text_shown(std::string_view name, std::string Event::* member) {
  return shown<InboxItem>(name, ValueKind::text, [member](const InboxItem& item, const View&) {
    return json::value(item.event.*member);
  });
}
Field<InboxItem> number_shown(std::string_view name, std::int64_t Run::* member) {
  return shown<InboxItem>(name, ValueKind::integer, [member](const InboxItem& item, const View&) {
    return json::value(item.run.*member);
  });
}
Field<InboxItem> words_shown(std::string_view name, std::string Run::* member) {
  return shown<InboxItem>(name, ValueKind::text, [member](const InboxItem& item, const View&) {
    return text_or_null(item.run.*member);
  });
}
Field<InboxItem> time_shown(std::string_view name, std::optional<TimePoint> Run::* member) {
  return shown<InboxItem>(
      name, ValueKind::timestamp,
      [member](const InboxItem& item, const View& view) { return view.time(item.run.*member); });
}

Field<InboxItem> event_id(std::string_view name) {
  return shown<InboxItem>(name, ValueKind::id, [](const InboxItem& item, const View&) {
    return json::value(item.event.id.text());
  });
}
Field<InboxItem> run_id(std::string_view name) {
  return shown<InboxItem>(name, ValueKind::id, [](const InboxItem& item, const View&) {
    return json::value(item.run.id.text());
  });
}
Field<InboxItem> trigger_id() {
  return shown<InboxItem>(
      "triggerId", ValueKind::reference,
      [](const InboxItem& item, const View&) { return id_or_null(item.trigger); });
}
Field<InboxItem> conversation_id() {
  return shown<InboxItem>(
      "conversationId", ValueKind::reference,
      [](const InboxItem& item, const View&) { return id_or_null(item.run.conversation); });
}
Field<InboxItem> state() {
  return shown<InboxItem>("state", ValueKind::choice, [](const InboxItem& item, const View&) {
    return json::value(run_state_name(item.run.state));
  });
}
Field<InboxItem> received_at(std::string_view name) {
  return shown<InboxItem>(name, ValueKind::timestamp, [](const InboxItem& item, const View& view) {
    return view.time(item.event.received_at);
  });
}

const Fields<InboxItem>& inbox_fields() {
  static const Fields<InboxItem> fields{
      event_id("id"),
      trigger_id(),
      shown<InboxItem>("source", ValueKind::choice,
                       [](const InboxItem& item, const View&) {
                         return json::value(source_name(item.event.source));
                       }),
      state(),
      received_at("receivedAt"),
      text_shown("method", &Event::method),
      text_shown("contentType", &Event::content_type),
      text_shown("query", &Event::query),
      shown<InboxItem>("headers", ValueKind::object,
                       [](const InboxItem& item, const View&) {
                         return json::value(parse_stored(item.event.headers));
                       }),
      shown<InboxItem>(
          "session", ValueKind::text,
          [](const InboxItem& item, const View&) { return session_name(item.event.session); }),
      shown<InboxItem>("contact", ValueKind::object,
                       [](const InboxItem& item, const View&) { return contact_of(item.event); }),
      shown<InboxItem>(
          "bodySize", ValueKind::integer,
          [](const InboxItem& item, const View&) { return json::value(item.event.body_size); }),
      run_id("runId"),
      conversation_id(),
      number_shown("attempt", &Run::attempt),
      time_shown("startedAt", &Run::started_at),
      time_shown("endedAt", &Run::ended_at),
      words_shown("reason", &Run::reason),
      words_shown("error", &Run::error_message),
  };
  return fields;
}

const Fields<InboxItem>& run_fields() {
  static const Fields<InboxItem> fields{
      run_id("id"),
      event_id("eventId"),
      trigger_id(),
      conversation_id(),
      state(),
      number_shown("attempt", &Run::attempt),
      received_at("queuedAt"),
      time_shown("startedAt", &Run::started_at),
      time_shown("endedAt", &Run::ended_at),
      time_shown("nextAttemptAt", &Run::due_at),
      words_shown("reason", &Run::reason),
      words_shown("error", &Run::error_message),
      number_shown("steps", &Run::steps),
      number_shown("modelCalls", &Run::model_calls),
      number_shown("actionCalls", &Run::action_calls),
      number_shown("inputTokens", &Run::input_tokens),
      number_shown("outputTokens", &Run::output_tokens),
      shown<InboxItem>("costMicros", ValueKind::integer,
                       [](const InboxItem& item, const View&) {
                         return cost_value({.model_calls = item.run.model_calls,
                                            .cost = item.run.cost,
                                            .unpriced_calls = item.run.unpriced_calls});
                       }),
  };
  return fields;
}

const Fields<Step>& step_fields() {
  static const Fields<Step> fields{
      id_field<Step>(),
      shown<Step>("runId", ValueKind::reference,
                  [](const Step& step, const View&) { return json::value(step.id.run.text()); }),
      shown<Step>("number", ValueKind::integer,
                  [](const Step& step, const View&) { return json::value(step.id.number); }),
      shown<Step>(
          "kind", ValueKind::choice,
          [](const Step& step, const View&) { return json::value(step_kind_name(step.kind)); }),
      shown<Step>("attempt", ValueKind::integer,
                  [](const Step& step, const View&) { return json::value(step.attempt); }),
      timestamp("createdAt", &Step::created_at),
      shown<Step>(
          "data", ValueKind::object,
          [](const Step& step, const View&) { return json::value(parse_stored(step.content)); }),
  };
  return fields;
}

ListRules inbox_list() {
  const FilterRule by_state{"state", "state", [](std::string_view text) -> Result<FilterValue> {
                              const auto index = find_choice("state", state_names, text);
                              if (!index) return std::unexpected(index.error());
                              return static_cast<std::int64_t>(*index);
                            }};
  return {.kind = "event",
          .filters = {id_filter<TriggerKind>("triggerId", "trigger"),
                      id_filter<ConversationKind>("conversationId", "conversation"), by_state},
          .has_meta = false};
}

std::optional<TriggerId> trigger_of(const Transaction& rows, TriggerKey key) {
  const auto trigger = rows.triggers().find(key);
  if (!trigger) return std::nullopt;
  return trigger->id;
}

std::optional<RunId> run_named(const Call& call) { return RunId::parse(call.parameter("runId")); }
std::optional<RunId> run_of_event_named(const Call& call) {
  const auto event = EventId::parse(call.parameter("eventId"));
  if (!event) return std::nullopt;
  return run_of(*event);
}

// How long the query wants to wait for the run's end.
Result<Duration> wait_of(const Call& call) {
  const Query query{call.request.query()};
  const std::string_view text = trimmed(query.find("wait").value_or(""));
  if (text.empty()) return Duration{0};
  std::int64_t seconds = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (problem != std::errc{} || end != text.data() + text.size() || seconds < 0) {
    return fail(ErrorCode::invalid, "wait must be a number of seconds from 0 to 30");
  }
  return std::min<Duration>(std::chrono::seconds{std::min<std::int64_t>(seconds, 3600)}, max_wait);
}

}  // namespace

Runs::Runs(Store& store, const Clock& clock, RunWatch& watch)
    : store_(store), clock_(clock), watch_(watch) {}

void Runs::add_routes(Routes& routes) {
  const std::string event = "/event/inbox/{eventId}";
  const std::string run = "/run/{runId}";
  routes.get("/event/inbox/list", [this](Call call) { return list_events(std::move(call)); });
  routes.get(event + "/fetch", [this](Call call) { return fetch_event(std::move(call)); });
  routes.post(event + "/cancel", [this](Call call) { return cancel_event(std::move(call)); });
  routes.get(run + "/fetch", [this](Call call) { return fetch_run(std::move(call)); });
  routes.get(run + "/step/list", [this](Call call) { return list_steps(std::move(call)); });
  routes.post(run + "/cancel", [this](Call call) { return cancel_run(std::move(call)); });
}

Task<Response> Runs::list_events(Call call) {
  static const ListRules rules = inbox_list();
  Result<ListRequest> request = parse_list(rules, call.request, call.caller.account);
  if (!request) co_return call.reply(request.error());

  ReadPage read = [this, query = request->query, view = call.view](const Page& page) {
    return read_events(query, page, view);
  };
  co_return co_await list_reply(std::move(call), std::move(*request), std::move(read));
}

Task<Response> Runs::fetch_event(Call call) {
  const std::optional<RunId> run = run_of_event_named(call);
  if (!run) co_return call.reply(not_found("Event").error());

  const Result<InboxItem> item = co_await find_awaited(call, *run, "Event");
  if (!item) co_return call.reply(item.error());

  json::object reply = render(inbox_fields(), *item, call.view);
  reply["body"] = item->event.body;
  co_return call.reply(reply);
}

Task<Response> Runs::cancel_event(Call call) {
  const std::optional<RunId> run = run_of_event_named(call);
  if (!run) co_return call.reply(not_found("Event").error());

  const Result<void> canceled = co_await cancel(call.caller.account, *run, "Event");
  if (!canceled) co_return call.reply(canceled.error());

  co_return call.reply(json::object{{"id", event_of(*run).text()}});
}

Task<Response> Runs::fetch_run(Call call) {
  const std::optional<RunId> run = run_named(call);
  if (!run) co_return call.reply(not_found("Run").error());

  const Result<InboxItem> item = co_await find_awaited(call, *run, "Run");
  if (!item) co_return call.reply(item.error());

  co_return call.reply(render(run_fields(), *item, call.view));
}

Task<Response> Runs::cancel_run(Call call) {
  const std::optional<RunId> run = run_named(call);
  if (!run) co_return call.reply(not_found("Run").error());

  const Result<void> canceled = co_await cancel(call.caller.account, *run, "Run");
  if (!canceled) co_return call.reply(canceled.error());

  co_return call.reply(json::object{{"id", run->text()}});
}

Task<Response> Runs::list_steps(Call call) {
  // In the order of recording, like messages.
  static const ListRules rules{.kind = "step", .order = Order::ascending, .has_meta = false};
  Result<ListRequest> request = parse_list(rules, call.request, call.caller.account);
  if (!request) co_return call.reply(request.error());
  const std::optional<RunId> run = run_named(call);
  if (!run) co_return call.reply(not_found("Run").error());

  const Result<InboxItem> item = co_await find(call.caller.account, *run, "Run");
  if (!item) co_return call.reply(item.error());

  ReadPage read = [this, run = *run, view = call.view](const Page& page) {
    return read_steps(run, page, view);
  };
  co_return co_await list_reply(std::move(call), std::move(*request), std::move(read));
}

Task<Result<InboxItem>> Runs::find_awaited(Call call, RunId run, std::string_view what) {
  const Result<Duration> wait = wait_of(call);
  if (!wait) co_return std::unexpected(wait.error());

  const auto ticket = watch_.watch(run, co_await boost::asio::this_coro::executor);
  Result<InboxItem> item = co_await find(call.caller.account, run, what);
  if (!item || !is_pending(item->run.state) || *wait == Duration{0}) co_return item;
  co_await ticket->wait(*wait);
  co_return co_await find(call.caller.account, run, what);
}

Task<Result<InboxItem>> Runs::find(AccountKey account, RunId run, std::string_view what) {
  co_return co_await store_.read([&](const Transaction& rows) -> Result<InboxItem> {
    auto found = rows.runs().find(run, RunStore::Body::with);
    if (!found || found->run.account != account) return not_found(what);
    return InboxItem{std::move(found->event), std::move(found->run),
                     trigger_of(rows, found->run.trigger)};
  });
}

Task<Result<void>> Runs::cancel(AccountKey account, RunId run, std::string_view what) {
  const TimePoint now = clock_.now();
  co_return co_await store_.transact([&](Transaction& rows) -> Result<void> {
    const auto found = rows.runs().find(run, RunStore::Body::without);
    if (!found || found->run.account != account) return not_found(what);
    if (!rows.runs().cancel(run, cancel_reason, now)) {
      return fail(ErrorCode::conflict, "The run has ended already");
    }
    return {};
  });
}

Task<Result<ListPage>> Runs::read_events(ListQuery query, Page page, View view) {
  std::unordered_map<TriggerKey, std::optional<TriggerId>> triggers;
  const Result<std::vector<InboxItem>> items =
      co_await store_.read_page(page, [&](const Transaction& rows, const Page& left) {
        query.page = left;
        PagePart<EventAndRun> part = rows.runs().look(query);
        PagePart<InboxItem> found{.passed = part.passed};
        for (EventAndRun& one : part.rows) {
          const auto [known, is_new] = triggers.try_emplace(one.run.trigger);
          if (is_new) known->second = trigger_of(rows, one.run.trigger);
          found.rows.push_back({std::move(one.event), std::move(one.run), known->second, false});
        }
        return found;
      });
  if (!items) co_return std::unexpected(items.error());

  ListPage rendered;
  for (const InboxItem& item : *items) rendered.items.push_back(render(inbox_fields(), item, view));
  if (!items->empty()) rendered.last = items->back().event.id.value;
  co_return rendered;
}

Task<Result<ListPage>> Runs::read_steps(RunId run, Page page, View view) {
  const std::vector<Step> steps =
      co_await store_.read([&](const Transaction& rows) { return rows.runs().steps(run, page); });
  ListPage rendered;
  for (const Step& step : steps) rendered.items.push_back(render(step_fields(), step, view));
  if (!steps.empty()) rendered.last = steps.back().id.number;
  co_return rendered;
}

}  // namespace bellpull
