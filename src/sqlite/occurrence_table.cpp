#include "sqlite/occurrence_table.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "sqlite/columns.h"
#include "sqlite/database.h"
#include "sqlite/event_writer.h"
#include "sqlite/written.h"
#include "store/accept.h"
#include "store/occurrences.h"

namespace bellpull {

namespace {

// What was decided about a row is not done to another one. An update through the API gives a
// trigger another version. Pausing, resuming, setup and invoke do not: a pause takes the next time
// away; the others leave it, or make one from their moment on, and if that is the same one it is as
// due as it was. Only a halt must know more: whether its owner let the schedule go on since.
constexpr std::string_view advance_sql = R"sql(
  update triggers set next_due_at = ?4, next_trigger_at = ?5
   where id = ?1 and version = ?2 and next_due_at = ?3 and deleted_at is null)sql";

constexpr std::string_view halt_sql = R"sql(
  update triggers set next_due_at = null, next_trigger_at = null, schedule_state = ?4,
         schedule_error = ?5
   where id = ?1 and version = ?2 and next_due_at is ?3 and schedule_resumed_at = ?6
     and state = 0 and deleted_at is null)sql";

constexpr std::string_view renew_sql = R"sql(
  update triggers set next_due_at = ?4, next_trigger_at = ?5, schedule_state = 0,
         schedule_error = null
   where id = ?1 and version = ?2 and next_due_at is ?3 and schedule_resumed_at = ?6
     and schedule_state = ?7 and state = 0 and deleted_at is null)sql";

constexpr std::string_view mark_fired_sql =
    "update triggers set last_trigger_at = ?2 where id = ?1";

// With whether it goes by a schedule: not if it is paused (state 1), or the schedule is.
constexpr std::string_view scheduled_sql = R"sql(
  select id, schedule is not null and state = 0 and schedule_state != 1 and deleted_at is null
    from triggers where id > ?1 order by id limit ?2)sql";

constexpr std::string_view unreadable_sql = R"sql(
  select id, state = 0 and deleted_at is null
    from triggers where schedule_state = 2 and id > ?1 order by id limit ?2)sql";

constexpr std::string_view basis_sql = "select rules, seen_at from schedule_basis";
constexpr std::string_view keep_basis_sql =
    "insert or replace into schedule_basis (only_row, rules, seen_at) values (1, ?1, ?2)";

constexpr std::string_view next_times_sql = R"sql(
  select next_trigger_at, id from triggers
   where next_trigger_at is not null and (next_trigger_at, id) > (?1, ?2)
   order by next_trigger_at, id limit ?3)sql";

constexpr std::string_view newest_sql = R"sql(
  select 1 from (select id from events where trigger = ?1 and scheduled_at is not null
                  order by scheduled_at desc limit 20) e
    join runs r on r.id = e.id where r.state <= 3 limit 1)sql";

constexpr std::string_view has_sql =
    "select 1 from events where trigger = ?1 and scheduled_at = ?2";

// Looks at a bounded number of occurrences: a backlog of pending ones may be long.
constexpr std::string_view ends_sql = R"sql(
  select r.state from (select id from events where trigger = ?1 and scheduled_at is not null
                        order by scheduled_at desc limit 1000) e
    join runs r on r.id = e.id
   where e.id > (select schedule_resumed_after from triggers where id = ?1)
         and r.state > 3 and r.state != 7
   order by e.id desc limit ?2)sql";

}  // namespace

OccurrenceTable::OccurrenceTable(Database& database, Written& written)
    : written_(written),
      advance_(database, advance_sql),
      halt_(database, halt_sql),
      renew_(database, renew_sql),
      mark_fired_(database, mark_fired_sql),
      next_times_(database, next_times_sql),
      scheduled_(database, scheduled_sql),
      unreadable_(database, unreadable_sql),
      basis_(database, basis_sql),
      keep_basis_(database, keep_basis_sql),
      newest_(database, newest_sql),
      has_(database, has_sql),
      ends_(database, ends_sql) {}

bool OccurrenceTable::advance(const Trigger& read, const Next& next) {
  advance_.bind(1, read.id.key.value);
  advance_.bind(2, read.version);
  bind_value(advance_, 3, read.next_due_at);
  bind_value(advance_, 4, next.due_at);
  bind_value(advance_, 5, next.fires_at);
  if (advance_.run() == 0) return false;
  written_.next_times.push_back({read.id.key, next.fires_at});
  return true;
}

bool OccurrenceTable::halt(const Trigger& read, ScheduleState state, std::string_view error) {
  halt_.bind(1, read.id.key.value);
  halt_.bind(2, read.version);
  bind_value(halt_, 3, read.next_due_at);
  bind_value(halt_, 4, state);
  halt_.bind(5, error);
  bind_value(halt_, 6, read.schedule_resumed_at);
  if (halt_.run() == 0) return false;
  written_.next_times.push_back({read.id.key, std::nullopt});
  return true;
}

bool OccurrenceTable::renew(const Trigger& read, const Next& next) {
  renew_.bind(1, read.id.key.value);
  renew_.bind(2, read.version);
  bind_value(renew_, 3, read.next_due_at);
  bind_value(renew_, 4, next.due_at);
  bind_value(renew_, 5, next.fires_at);
  bind_value(renew_, 6, read.schedule_resumed_at);
  bind_value(renew_, 7, read.schedule_state);
  if (renew_.run() == 0) return false;
  written_.next_times.push_back({read.id.key, next.fires_at});
  return true;
}

void OccurrenceTable::mark_fired(TriggerKey trigger, TimePoint at) {
  mark_fired_.with(trigger.value, to_ms(at)).run();
}

std::optional<EventId> OccurrenceTable::add(const NewEvent& event) {
  if (events_ == nullptr) throw std::logic_error("a snapshot cannot be written");
  return events_->keep_occurrence(event);
}

std::vector<NextTime> OccurrenceTable::next_times(const NextTime& after, std::int64_t limit) const {
  const std::int64_t from =
      after.fires_at ? to_ms(*after.fires_at) : std::numeric_limits<std::int64_t>::min();
  std::vector<NextTime> times;
  next_times_.with(from, after.trigger.value, limit);
  while (next_times_.step()) {
    times.push_back({TriggerKey{next_times_.number(1)}, from_ms(next_times_.number(0))});
  }
  return times;
}

RenewalPage OccurrenceTable::to_renew(RenewalScope scope, TriggerKey after,
                                      std::int64_t rows) const {
  Statement& found = scope == RenewalScope::all ? scheduled_ : unreadable_;
  RenewalPage page;
  std::int64_t passed = 0;
  found.with(after.value, rows);
  for (; found.step(); ++passed) {
    page.passed = TriggerKey{found.number(0)};
    if (found.number(1) != 0) page.triggers.push_back(*page.passed);
  }
  if (passed < rows) page.passed.reset();
  return page;
}

std::optional<ScheduleBasis> OccurrenceTable::basis() const {
  if (!basis_.step()) return std::nullopt;
  ScheduleBasis basis{.rules = basis_.text(0), .seen_at = from_ms(basis_.number(1))};
  basis_.reset();
  return basis;
}

void OccurrenceTable::keep_basis(const ScheduleBasis& basis) {
  keep_basis_.with(basis.rules, to_ms(basis.seen_at)).run();
}

bool OccurrenceTable::is_one_pending(TriggerKey trigger) const {
  const bool is_pending = newest_.with(trigger.value).step();
  newest_.reset();
  return is_pending;
}

bool OccurrenceTable::has(TriggerKey trigger, TimePoint due) const {
  const bool found = has_.with(trigger.value, to_ms(due)).step();
  has_.reset();
  return found;
}

std::vector<RunState> OccurrenceTable::newest_ends(TriggerKey trigger, std::int64_t limit) const {
  std::vector<RunState> ends;
  ends_.with(trigger.value, limit);
  while (ends_.step()) ends.push_back(static_cast<RunState>(ends_.number(0)));
  return ends;
}

}  // namespace bellpull
