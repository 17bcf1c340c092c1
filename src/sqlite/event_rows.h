// How an event with its run is read from its tables.
#pragma once

#include <string_view>

#include "sqlite/database.h"
#include "store/transaction.h"

namespace bellpull {

// Everything but the body: of `runs r` joined with `events e`.
inline constexpr std::string_view event_columns = R"sql(
  select e.id, e.account, e.trigger, e.source, e.received_at, e.method, e.content_type, e.query,
         e.headers, e.session, e.contact_name, e.contact_email, e.contact_phone, e.idempotency_key,
         r.session, r.state, r.attempt, r.lease_number, r.due_at, r.conversation,
         (select c.tag from conversations c where c.id = r.conversation), r.started_at, r.ended_at,
         r.reason, r.error_message, r.steps, r.model_calls, r.action_calls, r.input_tokens,
         r.output_tokens, r.first_message,
         coalesce(length(e.body), (select length(b.body) from event_bodies b where b.event = e.id)),
         e.replay_of, e.body_removed_at, r.cost, r.unpriced_calls,
         e.scheduled_at, e.hops, r.unknown_calls, r.resolved_calls)sql";

inline constexpr int event_column_count = 40;

inline constexpr std::string_view from_events = " from runs r join events e on e.id = r.id ";

inline constexpr std::string_view event_body_sql = R"sql(
  select coalesce(e.body, (select b.body from event_bodies b where b.event = e.id))
    from events e where e.id = ?1)sql";

EventAndRun read_event_row(const Statement& statement);

}  // namespace bellpull
