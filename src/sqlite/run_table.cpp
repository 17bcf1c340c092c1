#include "sqlite/run_table.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/step.h"
#include "domain/transcript.h"
#include "sqlite/database.h"
#include "sqlite/event_rows.h"
#include "sqlite/event_writer.h"
#include "sqlite/run_records.h"
#include "sqlite/written.h"
#include "store/accept.h"
#include "store/event_search.h"
#include "store/list.h"
#include "store/run_records.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

constexpr std::string_view step_columns =
    "select run, number, kind, attempt, created_at, content from steps ";

constexpr std::string_view pending_sql = R"sql(
  select id, trigger, account, session, state, due_at from runs
   where trigger = ?1 and id > ?2 and state <= 3 order by id limit ?3)sql";

constexpr std::string_view first_pending_sql = R"sql(
  select id, trigger, account, session, state, due_at from runs
   where session = ?1 and trigger = ?2 and state <= 3 order by id limit 1)sql";

constexpr std::string_view next_trigger_sql = R"sql(
  select trigger from runs where trigger > ?1 and state <= 3 order by trigger limit 1)sql";

constexpr std::string_view replays_sql =
    "select id from events where replay_of = ?1 order by id desc limit ?2";

// What a person said afterwards is no attempt's.
constexpr std::string_view attempts_sql = R"sql(
  select attempt, min(created_at), max(created_at), count(*), max(case when kind = 4 then number end)
    from steps where run = ?1 and kind <> 6 group by attempt order by attempt)sql";

// More than are meant: what a result says elsewhere may look like it. Resolutions follow.
constexpr std::string_view unknown_calls_sql = R"sql(
  select run, number, kind, attempt, created_at, content from steps
   where run = ?1 and (kind = 6 or kind = 3 and
         (instr(content, '"outcomeUnknown":true') > 0 or instr(content, '"outcome_unknown"') > 0))
   order by number)sql";

std::int64_t number_in(const boost::json::object& content, std::string_view name) {
  const boost::json::value* const found = content.if_contains(name);
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

Step read_step(const Statement& statement) {
  return {.id = StepId{RunId{statement.number(0)}, statement.number(1)},
          .kind = static_cast<StepKind>(statement.number(2)),
          .attempt = statement.number(3),
          .created_at = from_ms(statement.number(4)),
          .content = statement.text(5)};
}

}  // namespace

RunTable::RunTable(Database& database, const IndexReader* index)
    : looks_(database, index),
      find_(database, std::string{event_columns} + std::string{from_events} + "where r.id = ?1"),
      body_(database, event_body_sql),
      replays_(database, replays_sql),
      unknown_(database, unknown_calls_sql),
      resolutions_(database,
                   std::string{step_columns} + "where run = ?1 and number > ?2 and kind = 6"),
      attempts_(database, attempts_sql),
      step_(database, std::string{step_columns} + "where run = ?1 and number = ?2"),
      steps_(database,
             std::string{step_columns} + "where run = ?1 and number > ?2 order by number limit ?3"),
      steps_descending_(database,
                        std::string{step_columns} +
                            "where run = ?1 and number < ?2 order by number desc limit ?3"),
      pending_(database, pending_sql),
      first_pending_(database, first_pending_sql),
      triggers_(database, next_trigger_sql) {}

void RunTable::write_through(EventWriter& events, RunRecords& records) {
  events_ = &events;
  records_ = &records;
}

EventId RunTable::add(const NewEvent& event) {
  if (events_ == nullptr) throw std::logic_error("a snapshot cannot be written");
  return events_->keep(event);
}

bool RunTable::cancel(RunId run, std::string_view reason, TimePoint now) {
  if (records_ == nullptr) throw std::logic_error("a snapshot cannot be written");
  return records_->cancel(run, reason, now);
}

bool RunTable::retry(RunId run, TimePoint now) {
  if (records_ == nullptr) throw std::logic_error("a snapshot cannot be written");
  return records_->retry(run, now);
}

bool RunTable::wake(RunId run, TimePoint now) {
  if (records_ == nullptr) throw std::logic_error("a snapshot cannot be written");
  return records_->wake(run, now);
}

Result<ResolvedCall> RunTable::resolve(const StepId& result, const Resolution& resolution,
                                       TimePoint now) {
  if (records_ == nullptr) throw std::logic_error("a snapshot cannot be written");
  return records_->resolve(result, resolution, now);
}

bool RunTable::remove_body(EventId event, TimePoint now) {
  if (events_ == nullptr) throw std::logic_error("a snapshot cannot be written");
  return events_->remove_body(event, now);
}

std::optional<EventAndRun> RunTable::find(RunId run, Body body) const {
  if (!find_.with(run.value).step()) return std::nullopt;
  EventAndRun row = read_event_row(find_);
  find_.reset();
  if (body == Body::with && body_.with(run.value).step()) {
    row.event.body = body_.text(0);
    body_.reset();
  }
  return row;
}

PagePart<EventAndRun> RunTable::look(const ListQuery& query, const EventSearch& search) const {
  return looks_.look(query, search);
}

PagePart<RunTimes> RunTable::times(const ListQuery& query, const EventSearch& search) const {
  return looks_.times(query, search);
}

EventId RunTable::newest() const { return looks_.newest(); }

std::vector<EventId> RunTable::replays(EventId event, std::int64_t limit) const {
  std::vector<EventId> replays;
  replays_.with(event.value, limit);
  while (replays_.step()) replays.push_back(EventId{replays_.number(0)});
  return replays;
}

std::vector<UnknownCall> RunTable::unknown_calls(RunId run) const {
  std::vector<UnknownCall> calls;
  unknown_.with(run.value);
  while (unknown_.step()) {
    Step step = read_step(unknown_);
    const boost::json::object content = parse_stored(step.content);
    if (step.kind == StepKind::resolved) {
      const std::int64_t of = number_in(content, "of");
      const auto call = std::ranges::find_if(
          calls, [of](const UnknownCall& one) { return one.result.id.number == of; });
      if (call != calls.end()) call->resolved = std::move(step);
    } else if (is_unknown(content)) {
      const StepId intent{run, number_in(content, "intent")};
      calls.push_back({.result = std::move(step), .intent = step_content(intent), .resolved = {}});
    }
  }
  return calls;
}

// An attempt that failed says why in the last note that it leaves.
std::vector<Attempt> RunTable::attempts(RunId run) const {
  std::vector<Attempt> attempts;
  attempts_.with(run.value);
  while (attempts_.step()) {
    Attempt& attempt = attempts.emplace_back(Attempt{.number = attempts_.number(0),
                                                     .first_step_at = from_ms(attempts_.number(1)),
                                                     .last_step_at = from_ms(attempts_.number(2)),
                                                     .steps = attempts_.number(3)});
    if (attempts_.is_null(4)) continue;
    attempt.error = failure_text(step_content(StepId{run, attempts_.number(4)}));
  }
  return attempts;
}

PagePart<Step> RunTable::steps(RunId run, const Page& page) const {
  const bool descending = page.order == Order::descending;
  Statement& statement = descending ? steps_descending_ : steps_;
  const std::int64_t after =
      descending && page.after == 0 ? std::numeric_limits<std::int64_t>::max() : page.after;
  statement.with(run.value, after, page.take);
  PagePart<Step> part;
  while (part.bytes < page.bytes && statement.step()) {
    part.rows.push_back(read_step(statement));
    part.bytes += part.rows.back().content.size();
  }
  statement.reset();
  return part;
}

std::vector<PendingRun> RunTable::pending(TriggerKey trigger, std::int64_t after,
                                          std::int64_t limit) const {
  std::vector<PendingRun> runs;
  pending_.with(trigger.value, after, limit);
  while (pending_.step()) runs.push_back(read_pending(pending_));
  return runs;
}

std::optional<PendingRun> RunTable::first_pending(TriggerKey trigger, std::int64_t session) const {
  if (!first_pending_.with(session, trigger.value).step()) return std::nullopt;
  const PendingRun run = read_pending(first_pending_);
  first_pending_.reset();
  return run;
}

std::vector<TriggerKey> RunTable::triggers_with_pending(TriggerKey after,
                                                        std::int64_t limit) const {
  std::vector<TriggerKey> triggers;
  TriggerKey last = after;
  while (static_cast<std::int64_t>(triggers.size()) < limit && triggers_.with(last.value).step()) {
    last = TriggerKey{triggers_.number(0)};
    triggers_.reset();
    triggers.push_back(last);
  }
  return triggers;
}

std::optional<Step> RunTable::step(const StepId& id) const {
  if (!step_.with(id.run.value, id.number).step()) return std::nullopt;
  Step step = read_step(step_);
  step_.reset();
  return step;
}

std::optional<Step> RunTable::resolution_of(const StepId& result) const {
  std::optional<Step> resolution;
  resolutions_.with(result.run.value, result.number);
  while (!resolution && resolutions_.step()) {
    Step step = read_step(resolutions_);
    if (number_in(parse_stored(step.content), "of") == result.number) resolution = std::move(step);
  }
  resolutions_.reset();
  return resolution;
}

boost::json::object RunTable::step_content(const StepId& id) const {
  if (!step_.with(id.run.value, id.number).step()) return {};
  boost::json::object content = parse_stored(step_.view(5));
  step_.reset();
  return content;
}

Event RunTable::event_of_run(RunId run) const {
  std::optional<EventAndRun> found = find(run, Body::with);
  return found ? std::move(found->event) : Event{};
}

}  // namespace bellpull
