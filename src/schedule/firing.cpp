#include "schedule/firing.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/result.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "schedule/catch_up.h"
#include "schedule/occurrence_event.h"
#include "schedule/timetable.h"
#include "store/occurrences.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr Duration tell_again = std::chrono::hours{1};

// Tells the trigger's owner, in the event log.
void tell(Transaction& rows, const Trigger& trigger, std::string_view what,
          const json::object& meta, TimePoint now) {
  LogItem item{.account = trigger.account,
               .type = "integration.trigger.schedule." + std::string{what},
               .name = trigger.name,
               .about = {.trigger = trigger.id, .bot = trigger.bot, .blueprint = trigger.blueprint},
               .meta = json::serialize(meta),
               .created_at = now};
  rows.log().add(item);
}

void tell_missed(Transaction& rows, const Trigger& trigger, const Missed& missed, TimePoint now) {
  json::object meta{{"count", missed.count}, {"firstDueAt", to_iso(missed.first)}};
  if (missed.more) {
    meta["more"] = true;
  } else {
    meta["lastDueAt"] = to_iso(missed.last);
  }
  tell(rows, trigger, "miss", meta, now);
}

void tell_skips(Transaction& rows, const Trigger& trigger, Skips& skips, TimePoint now) {
  json::object meta;
  if (skips.count == 1) {
    meta["dueAt"] = to_iso(skips.first);
  } else {
    meta = {{"count", skips.count},
            {"firstDueAt", to_iso(skips.first)},
            {"lastDueAt", to_iso(skips.last)}};
  }
  meta["reason"] = "overlap";
  tell(rows, trigger, "skip", meta, now);
  skips = {.told_at = now};
}

// A look at a trigger that skipped some occurrences, or none.
void follow_skips(Transaction& rows, const Trigger& trigger, Skips& skips, std::size_t skipped,
                  TimePoint now) {
  const bool is_told = skips.told_at && now >= *skips.told_at && now < *skips.told_at + tell_again;
  const bool has_ended = skipped == 0;
  if (skips.count > 0 && (!is_told || has_ended)) tell_skips(rows, trigger, skips, now);
  if (has_ended) skips = {};
}

Fired keep_halt(Transaction& rows, const Trigger& trigger, const Halt& halt, TimePoint now) {
  if (!rows.occurrences().halt(trigger, halt.state, halt.reason)) return {.was_stale = true};
  tell(rows, trigger, halt.state == ScheduleState::paused ? "pause" : "error",
       {{"reason", halt.reason}}, now);
  return {};
}

// How many of those that are due may fire: with `skip`, one, and only when the one before has
// ended.
std::size_t admitted(const Transaction& rows, const Firing& firing) {
  const std::size_t due = firing.plan.fire.size();
  if (due == 0 || firing.trigger.schedule_overlap == Overlap::queue) return due;
  return rows.occurrences().is_one_pending(firing.trigger.id.key) ? 0 : 1;
}

}  // namespace

std::optional<ScheduledTrigger> read_scheduled(const Transaction& snapshot, TriggerKey key) {
  std::optional<Trigger> trigger = snapshot.triggers().find(key);
  if (!trigger || !trigger->next_due_at || !trigger->next_trigger_at) return std::nullopt;
  ScheduledTrigger read{.trigger = std::move(*trigger), .ends = {}};
  if (read.trigger.schedule_pause_after) {
    read.ends = snapshot.occurrences().newest_ends(key, *read.trigger.schedule_pause_after);
  }
  return read;
}

std::optional<Halt> halt_after_failures(const ScheduledTrigger& read) {
  const auto& limit = read.trigger.schedule_pause_after;
  if (!limit || static_cast<std::int64_t>(read.ends.size()) < *limit) return std::nullopt;
  if (std::ranges::find(read.ends, RunState::succeeded) != read.ends.end()) return std::nullopt;
  const std::string runs =
      *limit == 1 ? "scheduled run" : std::to_string(*limit) + " scheduled runs";
  return Halt{.state = ScheduleState::paused,
              .reason = "paused: the last " + runs + " did not succeed"};
}

Firing decide_firing(const ScheduledTrigger& read, TimePoint attended_since, TimePoint now,
                     std::size_t limit) {
  Firing firing{.trigger = read.trigger, .halt = halt_after_failures(read), .plan = {}};
  if (firing.halt) return firing;
  Result<Timetable> timetable = Timetable::of(read.trigger);
  if (!timetable) {
    firing.halt = Halt{.state = ScheduleState::invalid, .reason = timetable.error().message};
    return firing;
  }
  if (!read.trigger.next_due_at || !read.trigger.next_trigger_at) return firing;
  const Occurrence first{.due = *read.trigger.next_due_at,
                         .fires_at = *read.trigger.next_trigger_at};
  timetable->keep(first);
  // As of this moment nothing counts as missed that the server could have fired in time.
  const TimePoint judged_at =
      std::min(now, std::max(attended_since, first.fires_at + missed_after));
  firing.plan = plan_firing(*timetable, read.trigger, first.due, judged_at, limit);
  return firing;
}

std::size_t count_kept_together(std::span<const Firing> firings) {
  std::size_t occurrences = 0;
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (const Firing& firing : firings) {
    const std::size_t fired = firing.plan.fire.size();
    occurrences += std::max<std::size_t>(fired, 1);
    bytes += fired * firing.trigger.schedule_body.value_or("").size();
    if (count > 0 && (occurrences > max_kept_occurrences || bytes > max_kept_bytes)) break;
    ++count;
  }
  return count;
}

Fired keep_firing(Transaction& rows, const Firing& firing, TimePoint now) {
  const Trigger& trigger = firing.trigger;
  if (firing.halt) return keep_halt(rows, trigger, *firing.halt, now);
  const FiringPlan& plan = firing.plan;
  const std::size_t admits = admitted(rows, firing);

  OccurrenceStore::Next next;
  if (plan.next) next = {.due_at = plan.next->due, .fires_at = plan.next->fires_at};
  if (!rows.occurrences().advance(trigger, next)) return {.was_stale = true};

  Fired fired{.missed = plan.missed.count, .skips = firing.skips};
  if (plan.missed.count > 0) tell_missed(rows, trigger, plan.missed, now);
  const OccurrenceEvent event{trigger};
  for (std::size_t i = 0; i < plan.fire.size(); ++i) {
    const Occurrence& one = plan.fire[i];
    if (i >= admits) {
      // One that fired before a clock was set back is not skipped.
      if (rows.occurrences().has(trigger.id.key, one.due)) continue;
      ++fired.overlapped;
      Skips& skips = fired.skips;
      // A clock that was set back shows the same times again.
      skips.first = skips.count == 0 ? one.due : std::min(skips.first, one.due);
      skips.last = skips.count == 0 ? one.due : std::max(skips.last, one.due);
      ++skips.count;
    } else if (rows.occurrences().add(event.at(one, now))) {
      ++fired.fired;
      fired.late += now - one.fires_at;
    }
  }
  follow_skips(rows, trigger, fired.skips, static_cast<std::size_t>(fired.overlapped), now);
  if (fired.fired > 0) rows.occurrences().mark_fired(trigger.id.key, now);
  return fired;
}

}  // namespace bellpull
