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

// Every change through the API gives a trigger another version, but for a pause, which takes its
// next time away. So what was decided about a row is not done to another one.
constexpr std::string_view advance_sql = R"sql(
  update triggers set next_due_at = ?4, next_trigger_at = ?5,
         last_trigger_at = coalesce(?6, last_trigger_at)
   where id = ?1 and version = ?2 and next_due_at = ?3 and deleted_at is null)sql";

constexpr std::string_view halt_sql = R"sql(
  update triggers set next_due_at = null, next_trigger_at = null, schedule_state = ?4,
         schedule_error = ?5
   where id = ?1 and version = ?2 and next_due_at = ?3 and deleted_at is null)sql";

constexpr std::string_view next_times_sql = R"sql(
  select next_trigger_at, id from triggers
   where next_trigger_at is not null and (next_trigger_at, id) > (?1, ?2)
   order by next_trigger_at, id limit ?3)sql";

constexpr std::string_view newest_sql = R"sql(
  select r.state <= 3 from runs r
   where r.id = (select e.id from events e where e.trigger = ?1 and e.scheduled_at is not null
                  order by e.scheduled_at desc limit 1))sql";

// Looks at a bounded number of occurrences: a backlog of pending ones may be long.
constexpr std::string_view ends_sql = R"sql(
  select r.state from (select id, scheduled_at from events
                        where trigger = ?1 and scheduled_at is not null and scheduled_at > ?2
                        order by scheduled_at desc limit 1000) e
    join runs r on r.id = e.id
   where r.state > 3 and r.state != 7 order by e.scheduled_at desc limit ?3)sql";

}  // namespace

OccurrenceTable::OccurrenceTable(Database& database, Written& written)
    : written_(written),
      advance_(database, advance_sql),
      halt_(database, halt_sql),
      next_times_(database, next_times_sql),
      newest_(database, newest_sql),
      ends_(database, ends_sql) {}

bool OccurrenceTable::advance(const Trigger& read, const Next& next) {
  advance_.bind(1, read.id.key.value);
  advance_.bind(2, read.version);
  bind_value(advance_, 3, read.next_due_at);
  bind_value(advance_, 4, next.due_at);
  bind_value(advance_, 5, next.fires_at);
  bind_value(advance_, 6, next.fired_at);
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
  if (halt_.run() == 0) return false;
  written_.next_times.push_back({read.id.key, std::nullopt});
  return true;
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

bool OccurrenceTable::is_newest_pending(TriggerKey trigger) const {
  const bool is_pending = newest_.with(trigger.value).step() && newest_.number(0) != 0;
  newest_.reset();
  return is_pending;
}

std::vector<RunState> OccurrenceTable::newest_ends(TriggerKey trigger, TimePoint due_after,
                                                   std::int64_t limit) const {
  std::vector<RunState> ends;
  ends_.with(trigger.value, to_ms(due_after), limit);
  while (ends_.step()) ends.push_back(static_cast<RunState>(ends_.number(0)));
  return ends;
}

}  // namespace bellpull
