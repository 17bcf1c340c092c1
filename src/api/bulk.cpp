#include "api/bulk.h"

#include <algorithm>
#include <array>
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
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/change.h"
#include "api/event_filter.h"
#include "api/field_value.h"
#include "api/inbox_reader.h"
#include "api/list_reply.h"
#include "api/list_request.h"
#include "api/log_change.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/run_figures.h"
#include "api/run_watch.h"
#include "api/schema.h"
#include "api/view.h"
#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "http/response.h"
#include "store/bulk_jobs.h"
#include "store/event_search.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::int64_t samples = 5;
constexpr std::size_t max_filter_bytes = std::size_t{16} * 1024;

constexpr std::array<std::string_view, 3> action_names{"replay", "cancel", "delete-body"};
constexpr std::array<std::string_view, 3> state_names{"running", "done", "canceled"};

// In the order of the actions.
constexpr std::array<std::string_view, 3> action_summaries{"Sends many events again, as new ones",
                                                           "Ends the pending runs of many events",
                                                           "Removes the bodies of many events"};

// A job over many events: "job.create".
void log_job(Transaction& rows, const Call& call, const BulkJob& job, std::string_view verb,
             TimePoint now) {
  const std::string_view action = action_names.at(static_cast<std::size_t>(job.action));
  log_item(rows, call, {.type = "job." + std::string{verb}, .created_at = now},
           {{"jobId", job.id.text()}, {"action", action}});
}

ListRules job_list() { return {.kind = "job", .has_meta = false}; }

Schema job_schema() {
  return {"Job", object_schema({{"id", text_schema()},
                                {"action", choice_schema(action_names)},
                                {"state", choice_schema(state_names)},
                                {"filter", open_object_schema()},
                                {"until", or_null(text_schema())},
                                {"progress", {{"type", "number"}, {"minimum", 0}, {"maximum", 1}}},
                                {"done", whole_number_schema()},
                                {"skipped", whole_number_schema()},
                                {"createdAt", time_schema()},
                                {"updatedAt", time_schema()},
                                {"endedAt", or_null(time_schema())}})};
}

Schema bulk_body_schema() {
  return {
      "BulkRequest",
      {{"type", "object"},
       {"properties",
        json::object{{"filter", described(open_object_schema(),
                                          "The parameters of event.inbox.list; {}: every event.")},
                     {"until", described(or_null(given_time_schema()),
                                         "The id of the last event that is meant, or a time.")},
                     {"dryRun", or_null(boolean_schema())}}},
       {"required", json::array{"filter"}}}};
}

// The job, or of a dry run what it would be.
Schema bulk_reply_schema() {
  json::object figures = RunFigures::schema();
  const json::object& states = figures.at("properties").at("states").as_object();
  const json::object dry_run =
      object_schema({{"dryRun", {{"type", "boolean"}, {"const", true}}},
                     {"action", choice_schema(action_names)},
                     {"filter", open_object_schema()},
                     {"until", or_null(text_schema())},
                     {"count", whole_number_schema()},
                     {"exact", boolean_schema()},
                     {"states", states},
                     {"samples", array_schema(named_schema(event_item_schema().name))}});
  return {"BulkReply", either_schema({named_schema("Job"), dry_run})};
}

json::object render_job(const BulkJob& job, const View& view) {
  const std::int64_t until = job.selection.search.until.value_or(EventId{}).value;
  const double progress =
      until == 0 ? 1.0 : static_cast<double>(job.passed.value) / static_cast<double>(until);
  return {{"id", job.id.text()},
          {"action", action_names.at(static_cast<std::size_t>(job.action))},
          {"state", state_names.at(static_cast<std::size_t>(job.state))},
          {"filter", parse_stored(job.filter)},
          {"until", until == 0 ? json::value(nullptr) : json::value(EventId{until}.text())},
          {"progress", std::clamp(progress, 0.0, 1.0)},
          {"done", job.done},
          {"skipped", job.skipped},
          {"createdAt", view.time(job.created_at)},
          {"updatedAt", view.time(job.updated_at)},
          {"endedAt", view.time(job.ended_at)}};
}

// An event's id, or a time: the events that came before it.
Result<void> read_until(const json::value& given, EventSearch& search) {
  if (given.is_null()) return {};
  if (const auto* text = given.if_string(); text != nullptr) {
    if (const auto event = EventId::parse(*text)) {
      search.until = std::min(search.until.value_or(*event), *event);
      return {};
    }
  }
  const auto read = read_optional_time("until", {}, given);
  const std::optional<TimePoint> time = read.value_or(std::nullopt);
  if (!time) {
    return fail(
        ErrorCode::invalid,
        "until must be an event's id, or a time: milliseconds since 1970, or ISO 8601 text");
  }
  search.before = std::min(search.before.value_or(*time), *time);
  return {};
}

struct BulkRequest {
  BulkJob job;
  bool is_dry_run = false;
};

// Everything that is wrong is told: what is guessed here is done to many events.
Result<BulkRequest> parse_bulk(const Call& call, BulkAction action, TimePoint now) {
  BulkRequest request;
  BulkJob& job = request.job;
  job = {.account = call.caller.account, .action = action, .created_at = now, .updated_at = now};
  Problems problems;
  const json::value* filter = call.body.if_contains("filter");
  if (filter == nullptr || !filter->is_object()) {
    problems.add({ErrorCode::invalid, "filter is required, as an object",
                  "it has the parameters of event/inbox/list; {} means every event"});
  } else if (auto selection = parse_event_filter(filter->get_object()); !selection) {
    problems.add(selection.error());
  } else {
    job.selection = std::move(*selection);
    job.filter = json::serialize(*filter);
  }
  if (job.filter.size() > max_filter_bytes) {
    problems.add({ErrorCode::invalid, "filter must be at most 16384 bytes", {}});
  }
  if (const json::value* until = call.body.if_contains("until"); until != nullptr) {
    if (auto read = read_until(*until, job.selection.search); !read) problems.add(read.error());
  }
  if (const json::value* dry_run = call.body.if_contains("dryRun");
      dry_run != nullptr && !dry_run->is_null()) {
    const auto read = read_boolean("dryRun", {}, *dry_run);
    if (!read) problems.add(read.error());
    request.is_dry_run = read.value_or(false);
  }
  if (!problems.empty()) return std::unexpected(problems.error());
  return request;
}

// From here on no later event is meant.
void freeze(const Transaction& rows, BulkJob& job) {
  const EventId newest = rows.runs().newest();
  std::optional<EventId>& until = job.selection.search.until;
  until = std::min(until.value_or(newest), newest);
}

Result<BulkJob> find_job(const Transaction& rows, const Call& call) {
  const auto id = BulkJobId::parse(call.parameter("jobId"));
  auto job = id ? rows.bulk_jobs().find(*id) : std::nullopt;
  if (!job || job->account != call.caller.account) return not_found("Job");
  return std::move(*job);
}

}  // namespace

Bulk::Bulk(Store& store, const Clock& clock, RunWatch& watch)
    : store_(store), clock_(clock), inbox_(store, clock, watch), reader_(store, clock) {}

void Bulk::add_routes(Routes& routes) {
  for (std::size_t i = 0; i < action_names.size(); ++i) {
    routes
        .post("/event/inbox/bulk/" + std::string{action_names.at(i)},
              [this, action = static_cast<BulkAction>(i)](Call call) {
                return start(std::move(call), action);
              })
        .describe({.summary = std::string{action_summaries.at(i)},
                   .takes = bulk_body_schema(),
                   .gives = bulk_reply_schema(),
                   .about = "A job in the background. It means the events up to `until`, or up to "
                            "the newest one there is now; a dry run says which they are, and does "
                            "nothing."});
  }
  routes.get("/job/list", [this](Call call) { return list(std::move(call)); })
      .describe({.summary = "Lists jobs over many events",
                 .gives = job_schema(),
                 .form = Description::Form::list,
                 .query = list_parameters(job_list())});
  routes.get("/job/{jobId}/fetch", [this](Call call) { return fetch(std::move(call)); })
      .describe({.summary = "Fetches a job with its progress", .gives = job_schema()});
  routes.post("/job/{jobId}/cancel", [this](Call call) { return cancel(std::move(call)); })
      .describe({.summary = "Stops a job where it is",
                 .gives = id_schema(),
                 .about = "A job that has ended is a conflict.",
                 .errors = {409}});
}

Task<Response> Bulk::start(Call call, BulkAction action) {
  Result<BulkRequest> request = parse_bulk(call, action, clock_.now());
  if (!request) co_return call.reply(request.error());
  if (request->is_dry_run) co_return co_await dry_run(std::move(call), std::move(request->job));

  const Result<BulkJob> added = co_await store_.transact([&](Transaction& rows) -> Result<BulkJob> {
    BulkJob job = request->job;
    freeze(rows, job);
    if (auto kept = rows.bulk_jobs().add(job); !kept) return std::unexpected(kept.error());
    log_job(rows, call, job, "create", job.created_at);
    return job;
  });
  if (!added) co_return call.reply(added.error());

  co_return call.reply(render_job(*added, call.view));
}

Task<Response> Bulk::dry_run(Call call, BulkJob job) {
  co_await store_.read([&](const Transaction& rows) {
    freeze(rows, job);
    return true;
  });
  ListQuery query{.account = job.account, .filters = job.selection.filters};
  RunFigures figures;
  const auto look = [&](const Transaction& rows, const Page& page) {
    query.page = page;
    return rows.runs().times(query, job.selection.search);
  };
  const auto take = [&](const std::vector<RunTimes>& runs) {
    figures.add(runs);
    return true;
  };
  const auto passed = co_await reader_.pass({}, look, take);
  Result<ListPage> shown =
      co_await inbox_.read_events(query, job.selection.search, {.take = samples}, call.view);
  if (!shown) co_return call.reply(shown.error());

  json::object counted = figures.render();
  json::object job_as_it_were = render_job(job, call.view);
  json::array items;
  for (json::object& item : shown->items) items.emplace_back(std::move(item));
  co_return call.reply(json::object{{"dryRun", true},
                                    {"action", job_as_it_were["action"]},
                                    {"filter", job_as_it_were["filter"]},
                                    {"until", job_as_it_were["until"]},
                                    {"count", counted["total"]},
                                    {"exact", !passed},
                                    {"states", counted["states"]},
                                    {"samples", std::move(items)}});
}

Task<Response> Bulk::list(Call call) {
  Result<ListRequest> request = parse_list(job_list(), call.request, call.caller.account);
  if (!request) co_return call.reply(request.error());

  ReadPage read = [this, account = call.caller.account, view = call.view](const Page& page) {
    return read_jobs(account, page, view);
  };
  co_return co_await list_reply(std::move(call), std::move(*request), std::move(read));
}

Task<Result<ListPage>> Bulk::read_jobs(AccountKey account, Page page, View view) {
  const std::vector<BulkJob> jobs = co_await store_.read(
      [&](const Transaction& rows) { return rows.bulk_jobs().list(account, page); });
  ListPage rendered;
  for (const BulkJob& job : jobs) rendered.items.push_back(render_job(job, view));
  if (!jobs.empty()) rendered.last = jobs.back().id.value;
  co_return rendered;
}

Task<Response> Bulk::fetch(Call call) {
  const Result<BulkJob> job =
      co_await store_.read([&](const Transaction& rows) { return find_job(rows, call); });
  if (!job) co_return call.reply(job.error());

  co_return call.reply(render_job(*job, call.view));
}

Task<Response> Bulk::cancel(Call call) {
  const TimePoint now = clock_.now();
  const Result<BulkJob> canceled =
      co_await store_.transact([&](Transaction& rows) -> Result<BulkJob> {
        Result<BulkJob> job = find_job(rows, call);
        if (!job) return job;
        if (!rows.bulk_jobs().cancel(job->id, now)) {
          return fail(ErrorCode::conflict, "The job has ended already",
                      "what it did stays; job/{jobId}/fetch says how much that was");
        }
        log_job(rows, call, *job, "cancel", now);
        return job;
      });
  if (!canceled) co_return call.reply(canceled.error());

  co_return call.reply(json::object{{"id", canceled->id.text()}});
}

}  // namespace bellpull
