#include "api/runs.h"

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "api/call.h"
#include "api/cancel_run.h"
#include "api/field.h"
#include "api/inbox_items.h"
#include "api/list_reply.h"
#include "api/list_request.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/run_watch.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "domain/step.h"
#include "http/response.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

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
      shown<InboxItem>("idempotencyKey", ValueKind::text,
                       [](const InboxItem& item, const View&) {
                         return text_or_null(item.event.idempotency_key);
                       }),
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

}  // namespace

Runs::Runs(Store& store, const Clock& clock, RunWatch& watch)
    : store_(store), clock_(clock), reader_(store, clock, watch) {}

void Runs::add_routes(Routes& routes) {
  const std::string run = "/run/{runId}";
  routes.get(run + "/fetch", [this](Call call) { return fetch(std::move(call)); });
  routes.get(run + "/step/list", [this](Call call) { return list_steps(std::move(call)); });
  routes.post(run + "/cancel", [this](Call call) { return cancel(std::move(call)); });
  routes.get("/step/{stepId}/fetch", [this](Call call) { return fetch_step(std::move(call)); });
  routes.get("/conversation/{conversationId}/run/list",
             [this](Call call) { return list_of_conversation(std::move(call)); });
}

Task<Response> Runs::fetch(Call call) {
  const std::optional<RunId> run = run_named(call);
  if (!run) co_return call.reply(not_found("Run").error());

  const Result<InboxItem> item = co_await reader_.find_awaited(call, *run, "Run");
  if (!item) co_return call.reply(item.error());

  co_return call.reply(render(run_fields(), *item, call.view));
}

Task<Response> Runs::cancel(Call call) {
  const std::optional<RunId> run = run_named(call);
  if (!run) co_return call.reply(not_found("Run").error());

  const TimePoint now = clock_.now();
  const Result<void> canceled = co_await store_.transact(
      [&](Transaction& rows) { return cancel_run(rows, call.caller.account, *run, "Run", now); });
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

  const Result<InboxItem> item = co_await reader_.find(call.caller.account, *run, "Run");
  if (!item) co_return call.reply(item.error());

  ReadPage read = [this, run = *run, view = call.view](const Page& page) {
    return read_steps(run, page, view);
  };
  co_return co_await list_reply(std::move(call), std::move(*request), std::move(read));
}

Task<Response> Runs::fetch_step(Call call) {
  const auto id = StepId::parse(call.parameter("stepId"));
  if (!id) co_return call.reply(not_found("Step").error());

  const Result<Step> step = co_await store_.read([&](const Transaction& rows) -> Result<Step> {
    const auto run = rows.runs().find(id->run, RunStore::Body::without);
    if (!run || run->run.account != call.caller.account) return not_found("Step");
    std::vector<Step> found =
        rows.runs().steps(id->run, {.after = id->number - 1, .take = 1, .order = Order::ascending});
    if (found.empty() || found.front().id != *id) return not_found("Step");
    return std::move(found.front());
  });
  if (!step) co_return call.reply(step.error());

  co_return call.reply(render(step_fields(), *step, call.view));
}

// In the order in which they were received, newest first like all lists of events.
Task<Response> Runs::list_of_conversation(Call call) {
  static const ListRules rules{.kind = "run", .has_meta = false};
  Result<ListRequest> request = parse_list(rules, call.request, call.caller.account);
  if (!request) co_return call.reply(request.error());

  const Result<Conversation> conversation = co_await store_.read([&](const Transaction& rows) {
    return find_own<Conversation>(rows, call.caller.account, call.parameter("conversationId"));
  });
  if (!conversation) co_return call.reply(conversation.error());
  request->query.filters.push_back(
      {.field = "conversation", .any_of = {conversation->id.key.value}});

  ReadPage read = [this, query = request->query, view = call.view](const Page& page) {
    return reader_.read_runs(query, {}, page, view);
  };
  co_return co_await list_reply(std::move(call), std::move(*request), std::move(read));
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
