#include "sqlite/event_writer.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "sqlite/columns.h"
#include "sqlite/database.h"
#include "sqlite/key_digest.h"
#include "sqlite/written.h"
#include "store/accept.h"

namespace bellpull {

namespace {

// Larger bodies would spread events over overflow pages that a walk over events must pass.
constexpr std::size_t inline_body_bytes = std::size_t{8} * 1024;

constexpr std::string_view insert_event_sql = R"sql(
  insert into events (id, trigger, account, source, received_at, method, content_type, query,
                      headers, session, contact_name, contact_email, contact_phone,
                      idempotency_key, body, scheduled_at, hops)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
  on conflict (trigger, scheduled_at) where scheduled_at is not null do nothing)sql";

constexpr std::string_view insert_body_sql =
    "insert into event_bodies (event, body) values (?1, ?2)";

constexpr std::string_view insert_run_sql = R"sql(
  insert into runs (id, trigger, account, session, state) values (?1, ?2, ?3, ?4, 0))sql";

// Nothing for a trigger that takes no events any more: removed, or its account disabled (state 1).
constexpr std::string_view version_sql = R"sql(
  select version from triggers t
   where id = ?1 and deleted_at is null
     and not exists (select 1 from accounts a where a.id = t.account and a.state = 1))sql";

constexpr std::string_view by_key_sql =
    "select event, expires_at from event_keys where trigger = ?1 and key = ?2";

constexpr std::string_view insert_key_sql =
    "insert into event_keys (event, trigger, key, expires_at) values (?1, ?2, ?3, ?4)";

constexpr std::string_view forget_key_sql = "delete from event_keys where event = ?1";

// With whether it was removed.
constexpr std::string_view body_sql = R"sql(
  select coalesce(e.body, (select b.body from event_bodies b where b.event = e.id)),
         e.body_removed_at is not null
    from events e where e.id = ?1)sql";

constexpr std::string_view link_sql = "update events set replay_of = ?2 where id = ?1";

// A run that has not ended is still to read it.
constexpr std::string_view remove_body_sql = R"sql(
  update events set body = x'', body_removed_at = ?2
   where id = ?1 and body_removed_at is null
     and exists (select 1 from runs r where r.id = events.id and r.state > 3))sql";
constexpr std::string_view remove_large_body_sql = "delete from event_bodies where event = ?1";

void bind_or_null(Statement& statement, int index, std::string_view text) {
  if (text.empty()) {
    statement.bind_null(index);
  } else {
    statement.bind(index, text);
  }
}

std::int64_t newest_event(Database& database) {
  Statement statement{database, "select max(id) from events"};
  statement.step();
  return statement.number(0);
}

}  // namespace

EventWriter::EventWriter(Database& database, Written& written)
    : written_(written),
      insert_event_(database, insert_event_sql),
      insert_body_(database, insert_body_sql),
      insert_run_(database, insert_run_sql),
      version_(database, version_sql),
      by_key_(database, by_key_sql),
      insert_key_(database, insert_key_sql),
      forget_key_(database, forget_key_sql),
      body_(database, body_sql),
      link_(database, link_sql),
      remove_body_(database, remove_body_sql),
      remove_large_body_(database, remove_large_body_sql),
      last_(newest_event(database)) {}

void EventWriter::begin() { versions_.clear(); }

// 0 for a trigger that takes no events.
std::int64_t EventWriter::trigger_version(TriggerKey trigger) {
  const auto [known, is_new] = versions_.try_emplace(trigger, 0);
  if (is_new && version_.with(trigger.value).step()) {
    known->second = version_.number(0);
    version_.reset();
  }
  return known->second;
}

// Nothing when the key is free: never used, or its time is over, which frees it for this event.
Acceptance EventWriter::duplicate_of(const NewEvent& event) {
  const std::string key = key_digest(event.trigger, event.idempotency_key);
  if (!by_key_.with(event.trigger.value, Blob{key}).step()) return {};
  const EventId first{by_key_.number(0)};
  const TimePoint expires_at = from_ms(by_key_.number(1));
  by_key_.reset();
  if (expires_at <= event.received_at) {
    forget_key_.with(first.value).run();
    return {};
  }
  // Of a body that was removed, the sender's word is taken: its repeat is no new event.
  const bool same =
      body_.with(first.value).step() && (body_.view(0) == event.body || body_.number(1) != 0);
  body_.reset();
  return {same ? AcceptOutcome::duplicate : AcceptOutcome::key_reused, first};
}

Acceptance EventWriter::accept(const NewEvent& event) {
  if (trigger_version(event.trigger) != event.trigger_version) {
    return {AcceptOutcome::trigger_changed, {}};
  }
  if (!event.idempotency_key.empty()) {
    const Acceptance duplicate = duplicate_of(event);
    if (duplicate.event.value != 0) return duplicate;
  }
  return {AcceptOutcome::kept, keep(event)};
}

EventId EventWriter::keep(const NewEvent& event) {
  const std::optional<EventId> kept = insert(event);
  if (!kept) throw std::logic_error("an occurrence was kept as an ordinary event");
  return *kept;
}

std::optional<EventId> EventWriter::keep_occurrence(const NewEvent& event) {
  if (trigger_version(event.trigger) == 0) return std::nullopt;
  return insert(event);
}

std::optional<EventId> EventWriter::insert(const NewEvent& event) {
  const std::int64_t id = last_ + 1;
  const bool is_inline = event.body.size() <= inline_body_bytes;
  insert_event_.with(id, event.trigger.value, event.account.value,
                     static_cast<std::int64_t>(event.source), to_ms(event.received_at),
                     event.method, event.content_type, event.query, event.headers, event.session);
  bind_or_null(insert_event_, 11, event.contact_name);
  bind_or_null(insert_event_, 12, event.contact_email);
  bind_or_null(insert_event_, 13, event.contact_phone);
  bind_or_null(insert_event_, 14, event.idempotency_key);
  if (is_inline) {
    insert_event_.bind(15, Blob{event.body});
  } else {
    insert_event_.bind_null(15);
  }
  bind_value(insert_event_, 16, event.scheduled_at);
  insert_event_.bind(17, event.hops);
  if (insert_event_.run() == 0) return std::nullopt;
  if (!is_inline) insert_body_.with(id, Blob{event.body}).run();

  insert_run_.with(id, event.trigger.value, event.account.value);
  if (event.session_number == 0) {
    insert_run_.bind_null(4);
  } else {
    insert_run_.bind(4, event.session_number);
  }
  insert_run_.run();

  if (!event.idempotency_key.empty()) {
    const std::string key = key_digest(event.trigger, event.idempotency_key);
    insert_key_
        .with(id, event.trigger.value, Blob{key}, to_ms(event.received_at + event.key_lifetime))
        .run();
  }
  if (event.replay_of.value != 0) link_.with(id, event.replay_of.value).run();

  last_ = id;
  written_.runs.push_back({.run = {.run = RunId{id},
                                   .trigger = event.trigger,
                                   .account = event.account,
                                   .session = event.session_number,
                                   .state = RunState::queued}});
  return EventId{id};
}

bool EventWriter::remove_body(EventId event, TimePoint now) {
  if (remove_body_.with(event.value, to_ms(now)).run() == 0) return false;
  remove_large_body_.with(event.value).run();
  return true;
}

}  // namespace bellpull
