#include "api/trigger_controls.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/change.h"
#include "api/event_filter.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/log_change.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/run_figures.h"
#include "api/schema.h"
#include "api/trigger_timing.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/trigger.h"
#include "http/method.h"
#include "http/query.h"
#include "http/response.h"
#include "store/event_search.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"
#include "trigger/trigger_secret.h"
#include "vault/vault.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::string_view id_parameter = "triggerIntegrationId";
constexpr std::int64_t max_grace_ms = std::int64_t{30} * 24 * 3600 * 1000;
constexpr Duration usual_range = std::chrono::hours{24};

Result<Trigger> find(const Transaction& rows, const Call& call) {
  return find_own<Trigger>(rows, call.caller.account, call.parameter(id_parameter));
}

struct Rotation {
  std::optional<std::int64_t> grace_ms;
};

const Fields<Rotation>& rotation_fields() {
  static const Fields<Rotation> fields{
      optional_integer("graceMs", &Rotation::grace_ms, 0, max_grace_ms)
          .means("For how long the present secret stays valid; by default it does not.")};
  return fields;
}

Schema stats_schema() {
  json::object schema = object_schema({{"id", text_schema()},
                                       {"from", time_schema()},
                                       {"to", time_schema()},
                                       {"exact", boolean_schema()}});
  add_members(schema, RunFigures::schema());
  return {"TriggerStats", std::move(schema)};
}

// The time that figures are of: `from` and `to` as the events' lists have them, else the last day.
Result<EventSearch> range_of(const Call& call, TimePoint now) {
  auto search = parse_event_search(Query{call.request.query()});
  if (!search) return search;
  EventSearch range{.from = search->from, .before = search->before};
  if (!range.before) range.before = now;
  if (!range.from) range.from = *range.before - usual_range;
  if (*range.from >= *range.before) return fail(ErrorCode::invalid, "from must be before to");
  return range;
}

}  // namespace

TriggerControls::TriggerControls(Store& store, const Clock& clock, Random& random,
                                 const Vault& vault)
    : store_(store), clock_(clock), random_(random), vault_(vault), reader_(store, clock) {}

void TriggerControls::add_routes(Routes& routes) {
  const std::string one = "/integration/trigger/{" + std::string{id_parameter} + "}";
  routes.post(one + "/secret/rotate", [this](Call call) { return rotate(std::move(call)); })
      .describe(
          {.summary = "Gives a trigger a new secret",
           .takes = body_schema("SecretRotation", rotation_fields(), Verb::create),
           .gives = {"TriggerSecretRotated",
                     object_schema({{"id", text_schema()}, {"secret", or_null(text_schema())}})},
           .about = "The new secret is null to a token without the scope secrets:read."});
  routes
      .add(Method::post, one + "/secret/reveal", Scope::secrets_read,
           [this](Call call) { return reveal(std::move(call)); })
      .describe({.summary = "Shows a trigger's secret, and records that it was shown",
                 .gives = {"TriggerSecret",
                           object_schema({{"id", text_schema()}, {"secret", text_schema()}})},
                 .errors = {409}});
  routes
      .post(one + "/pause",
            [this](Call call) { return set_state(std::move(call), TriggerState::paused); })
      .describe({.summary = "Holds a trigger's runs and schedule; events are still taken",
                 .gives = id_schema()});
  routes
      .post(one + "/resume",
            [this](Call call) { return set_state(std::move(call), TriggerState::enabled); })
      .describe({.summary = "Lets a paused trigger go on", .gives = id_schema()});
  routes.get(one + "/stats", [this](Call call) { return stats(std::move(call)); })
      .describe({.summary = "Figures of a trigger's runs, of the last day unless asked otherwise",
                 .gives = stats_schema(),
                 .query = {{"from", "The first instant, in ms or as ISO 8601 text"},
                           {"to", "The end, not included"}}});
}

// The version grows, so an event that is on its way under the old secret is judged again.
Task<Response> TriggerControls::rotate(Call call) {
  const Result<Rotation> rotation = read_body(rotation_fields(), call.body);
  if (!rotation) co_return call.reply(rotation.error());
  const Duration grace{rotation->grace_ms.value_or(0)};

  const TimePoint now = clock_.now();
  const std::string secret = random_.hex(trigger_secret_bytes);
  const Result<Trigger> rotated =
      co_await store_.transact([&](Transaction& rows) -> Result<Trigger> {
        Result<Trigger> trigger = find(rows, call);
        if (!trigger) return trigger;
        trigger->sealed_previous_secret.clear();
        trigger->previous_secret_until.reset();
        if (grace > Duration{0}) {
          trigger->sealed_previous_secret = std::move(trigger->sealed_secret);
          trigger->previous_secret_until = now + grace;
        }
        trigger->sealed_secret = vault_.seal(secret, trigger_secret_place(trigger->id.key));
        ++trigger->version;
        trigger->updated_at = now;
        log_change(rows, call, *trigger, "secret.rotate", now);
        if (auto kept = rows.triggers().update(*trigger); !kept) {
          return std::unexpected(kept.error());
        }
        return trigger;
      });
  if (!rotated) co_return call.reply(rotated.error());

  const json::value shown = call.view.shows_secrets ? json::value(secret) : json::value(nullptr);
  co_return call.reply(json::object{{"id", rotated->id.text()}, {"secret", shown}});
}

Task<Response> TriggerControls::reveal(Call call) {
  const TimePoint now = clock_.now();
  const Result<Trigger> found = co_await store_.transact([&](Transaction& rows) -> Result<Trigger> {
    Result<Trigger> trigger = find(rows, call);
    if (!trigger) return trigger;
    log_change(rows, call, *trigger, "secret.reveal", now);
    return trigger;
  });
  if (!found) co_return call.reply(found.error());
  const std::optional<std::string> secret = trigger_secret(vault_, *found);
  if (!secret) {
    co_return call.reply(Error{ErrorCode::conflict,
                               "The secret was sealed under another master key",
                               "make a new one: POST .../secret/rotate"});
  }
  co_return call.reply(json::object{{"id", found->id.text()}, {"secret", *secret}});
}

// Its version stays: who may send is not changed by it.
Task<Response> TriggerControls::set_state(Call call, TriggerState state) {
  const TimePoint now = clock_.now();
  const Result<Trigger> changed =
      co_await store_.transact([&](Transaction& rows) -> Result<Trigger> {
        Result<Trigger> trigger = find(rows, call);
        if (!trigger) return trigger;
        const bool resumes_schedule =
            state == TriggerState::enabled && trigger->schedule_state != ScheduleState::active;
        if (trigger->state == state && !resumes_schedule) return trigger;
        trigger->state = state;
        if (resumes_schedule) forget_halt(*trigger, now);
        trigger->updated_at = now;
        log_change(rows, call, *trigger, state == TriggerState::paused ? "pause" : "resume", now);
        // What fell due meanwhile is not made up for; the next time is.
        if (auto scheduled = schedule_next(*trigger, now); !scheduled) {
          mark_unreadable(rows, call, *trigger, scheduled.error(), now);
        }
        if (auto kept = rows.triggers().update(*trigger); !kept) {
          return std::unexpected(kept.error());
        }
        return trigger;
      });
  if (!changed) co_return call.reply(changed.error());

  co_return call.reply(json::object{{"id", changed->id.text()}});
}

Task<Response> TriggerControls::stats(Call call) {
  const Result<EventSearch> range = range_of(call, clock_.now());
  if (!range) co_return call.reply(range.error());
  const Result<Trigger> trigger =
      co_await store_.read([&](const Transaction& rows) { return find(rows, call); });
  if (!trigger) co_return call.reply(trigger.error());

  ListQuery query{.account = call.caller.account};
  query.filters.push_back({.field = "trigger", .any_of = {trigger->id.key.value}});
  RunFigures figures;
  const auto look = [&](const Transaction& rows, const Page& page) {
    query.page = page;
    return rows.runs().times(query, *range);
  };
  const auto take = [&](const std::vector<RunTimes>& runs) {
    figures.add(runs);
    return !figures.is_full();
  };
  const auto passed = co_await reader_.pass({}, look, take);

  json::object reply{{"id", trigger->id.text()},
                     {"from", call.view.time(range->from)},
                     {"to", call.view.time(range->before)},
                     {"exact", !passed}};
  for (auto& [name, value] : figures.render()) reply[name] = value;
  co_return call.reply(reply);
}

}  // namespace bellpull
