#include "sqlite/event_rows.h"

#include "base/time.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "sqlite/columns.h"
#include "sqlite/database.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

void read_event(const Statement& statement, Event& event) {
  event.id = EventId{statement.number(0)};
  event.account = AccountKey{statement.number(1)};
  event.trigger = TriggerKey{statement.number(2)};
  event.source = static_cast<EventSource>(statement.number(3));
  event.received_at = from_ms(statement.number(4));
  event.method = statement.text(5);
  event.content_type = statement.text(6);
  event.query = statement.text(7);
  event.headers = statement.text(8);
  event.session = SessionKey::stored(statement.text(9));
  event.contact = {statement.text(10), statement.text(11), statement.text(12)};
  event.idempotency_key = statement.text(13);
  event.body_size = statement.number(31);
  read_value(statement, 32, event.replay_of);
  read_value(statement, 33, event.body_removed_at);
  read_value(statement, 36, event.scheduled_at);
  event.hops = statement.number(37);
}

void read_run(const Statement& statement, Run& run) {
  run.id = RunId{statement.number(0)};
  run.account = AccountKey{statement.number(1)};
  run.trigger = TriggerKey{statement.number(2)};
  run.session = statement.number(14);
  run.state = static_cast<RunState>(statement.number(15));
  run.attempt = statement.number(16);
  run.lease_number = statement.number(17);
  read_value(statement, 18, run.due_at);
  if (!statement.is_null(20)) {
    run.conversation = ConversationId{{statement.number(19)}, tag_from(statement.view(20))};
  }
  read_value(statement, 21, run.started_at);
  read_value(statement, 22, run.ended_at);
  run.reason = statement.text(23);
  run.error_message = statement.text(24);
  run.steps = statement.number(25);
  run.model_calls = statement.number(26);
  run.action_calls = statement.number(27);
  run.input_tokens = statement.number(28);
  run.output_tokens = statement.number(29);
  run.first_message = statement.number(30);
  run.cost = statement.number(34);
  run.unpriced_calls = statement.number(35);
  run.unknown_calls = statement.number(38);
  run.resolved_calls = statement.number(39);
}

}  // namespace

EventAndRun read_event_row(const Statement& statement) {
  EventAndRun row;
  read_event(statement, row.event);
  read_run(statement, row.run);
  return row;
}

}  // namespace bellpull
