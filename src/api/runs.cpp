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
#include "api/field_schema.h"
#include "api/inbox_items.h"
#include "api/inbox_reader.h"
#include "api/list_reply.h"
#include "api/list_request.h"
#include "api/resolve_call.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/run_watch.h"
#include "api/schema.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "domain/step.h"
#include "domain/transcript.h"
#include "http/response.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// In the order of recording, like messages.
ListRules step_list() { return {.kind = "step", .order = Order::ascending, .has_meta = false}; }
// In the order in which they were received, newest first like all lists of events.
ListRules run_list() { return {.kind = "run", .has_meta = false}; }

// Lists have the number of unknown outcomes only.
Schema run_schema() {
  Schema schema = reply_schema("RunWithUnknownCalls", run_fields());
  add_members(schema.schema, object_schema({{"unknownCalls", unknown_calls_schema()}}));
  return schema;
}

std::optional<RunId> run_named(const Call& call) { return RunId::parse(call.parameter("runId")); }

}  // namespace

Runs::Runs(Store& store, const Clock& clock, RunWatch& watch)
    : store_(store), clock_(clock), reader_(store, clock, watch) {}

void Runs::add_routes(Routes& routes) {
  const std::string run = "/run/{runId}";
  const Schema shown = reply_schema("Run", run_fields());
  const Schema step = reply_schema("Step", step_fields());
  routes.get(run + "/fetch", [this](Call call) { return fetch(std::move(call)); })
      .describe({.summary = "Fetches a run", .gives = run_schema(), .query = {wait_parameter()}});
  routes.get(run + "/step/list", [this](Call call) { return list_steps(std::move(call)); })
      .describe({.summary = "Lists the steps of a run, as they were recorded",
                 .gives = step,
                 .form = Description::Form::list,
                 .query = list_parameters(step_list())});
  routes.post(run + "/cancel", [this](Call call) { return cancel(std::move(call)); })
      .describe({.summary = "Ends a pending run",
                 .gives = id_schema(),
                 .about = "A run that has ended is a conflict.",
                 .errors = {409}});
  routes.get("/step/{stepId}/fetch", [this](Call call) { return fetch_step(std::move(call)); })
      .describe({.summary = "Fetches a step", .gives = step});
  add_resolve(routes);
  routes
      .get("/conversation/{conversationId}/run/list",
           [this](Call call) { return list_of_conversation(std::move(call)); })
      .describe({.summary = "Lists the runs that wrote to a conversation",
                 .gives = shown,
                 .form = Description::Form::list,
                 .query = list_parameters(run_list())});
}

Task<Response> Runs::fetch(Call call) {
  const std::optional<RunId> run = run_named(call);
  if (!run) co_return call.reply(not_found("Run").error());

  const Result<InboxItem> item = co_await reader_.find_awaited(call, *run, "Run");
  if (!item) co_return call.reply(item.error());

  json::object reply = render(run_fields(), *item, call.view);
  reply["unknownCalls"] = co_await store_.read(
      [&](const Transaction& rows) { return unknown_calls(rows, item->run, call.view); });
  co_return call.reply(reply);
}

Task<Response> Runs::cancel(Call call) {
  const std::optional<RunId> run = run_named(call);
  if (!run) co_return call.reply(not_found("Run").error());

  const TimePoint now = clock_.now();
  const Result<void> canceled = co_await store_.transact(
      [&](Transaction& rows) { return cancel_run(rows, call, *run, "Run", now); });
  if (!canceled) co_return call.reply(canceled.error());

  co_return call.reply(json::object{{"id", run->text()}});
}

Task<Response> Runs::list_steps(Call call) {
  Result<ListRequest> request = parse_list(step_list(), call.request, call.caller.account);
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
        rows.runs()
            .steps(id->run, {.after = id->number - 1, .take = 1, .order = Order::ascending})
            .rows;
    if (found.empty() || found.front().id != *id) return not_found("Step");
    return std::move(found.front());
  });
  if (!step) co_return call.reply(step.error());

  co_return call.reply(render(step_fields(), *step, call.view));
}

void Runs::add_resolve(Routes& routes) {
  routes.post("/step/{stepId}/resolve", [this](Call call) { return resolve(std::move(call)); })
      .describe({.summary = "Says what became of a call whose outcome nobody knew",
                 .takes = resolution_schema(),
                 .gives = {"Resolved",
                           object_schema({{"id", text_schema()}, {"resolves", text_schema()}})},
                 .about = "It is one more step of the run. The conversation, and with it every "
                          "later run of its session, reads it in place of the unknown outcome. The "
                          "same said again is the same step; something else said of it, a step "
                          "that is no such call's, and a run under way are conflicts.",
                 .errors = {404, 409}});
}

Task<Response> Runs::resolve(Call call) {
  const auto id = StepId::parse(call.parameter("stepId"));
  if (!id) co_return call.reply(not_found("Step").error());
  const Result<Resolution> resolution = parse_resolution(call.body);
  if (!resolution) co_return call.reply(resolution.error());

  const TimePoint now = clock_.now();
  const Result<StepId> added = co_await store_.transact(
      [&](Transaction& rows) { return resolve_call(rows, call, *id, *resolution, now); });
  if (!added) co_return call.reply(added.error());

  co_return call.reply(json::object{{"id", added->text()}, {"resolves", id->text()}});
}

Task<Response> Runs::list_of_conversation(Call call) {
  Result<ListRequest> request = parse_list(run_list(), call.request, call.caller.account);
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
  const Result<PageRows<Step>> found = co_await store_.read_page(
      page,
      [&](const Transaction& rows, const Page& left) { return rows.runs().steps(run, left); });
  if (!found) co_return std::unexpected(found.error());
  ListPage rendered{.is_partial = found->is_cut};
  for (const Step& step : *found) rendered.items.push_back(render(step_fields(), step, view));
  if (!found->empty()) rendered.last = found->back().id.number;
  co_return rendered;
}

}  // namespace bellpull
