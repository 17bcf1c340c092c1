#include "api/trigger_timing.h"

#include <expected>
#include <optional>
#include <tuple>
#include <utility>

#include "api/call.h"
#include "api/log_change.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/log_item.h"
#include "domain/log_references.h"
#include "domain/trigger.h"
#include "schedule/timetable.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

// What decides when it fires.
auto timing_of(const Trigger& trigger) {
  return std::tie(trigger.schedule, trigger.timezone, trigger.schedule_start_at,
                  trigger.schedule_end_at, trigger.schedule_jitter);
}

// What decides how.
auto policy_of(const Trigger& trigger) {
  return std::tie(trigger.schedule_catch_up, trigger.schedule_catch_up_limit,
                  trigger.schedule_catch_up_window, trigger.schedule_overlap,
                  trigger.schedule_pause_after, trigger.schedule_body, trigger.schedule_session,
                  trigger.schedule_contact);
}

}  // namespace

Result<void> schedule_next(Trigger& trigger, TimePoint now) {
  const auto& start = trigger.schedule_start_at;
  const auto& end = trigger.schedule_end_at;
  if (start && end && *end < *start) {
    return fail(ErrorCode::invalid, "scheduleEndAt must not be before scheduleStartAt");
  }
  const Result<Timetable> timetable = Timetable::of(trigger);
  if (!timetable) return std::unexpected(timetable.error());
  trigger.next_due_at.reset();
  trigger.next_trigger_at.reset();
  // A paused one fires when it is resumed, at the next time from then on.
  if (trigger.state == TriggerState::paused) return {};
  if (trigger.schedule_state != ScheduleState::active) return {};
  if (const auto next = timetable->next_after(now)) {
    trigger.next_due_at = next->due;
    trigger.next_trigger_at = next->fires_at;
  }
  return {};
}

Result<void> reschedule(const Trigger& before, Trigger& after, TimePoint now) {
  const bool has_other_times = timing_of(before) != timing_of(after);
  if (!has_other_times && policy_of(before) == policy_of(after)) return {};
  const bool was_halted = after.schedule_state != ScheduleState::active;
  forget_halt(after, now);
  if (before.schedule != after.schedule || before.timezone != after.timezone) {
    after.schedule_anchor = now;
  }
  return has_other_times || was_halted ? schedule_next(after, now) : Result<void>{};
}

void mark_unreadable(Transaction& rows, const Call& call, Trigger& trigger, const Error& error,
                     TimePoint now) {
  if (trigger.schedule_state != ScheduleState::invalid) {
    LogItem item{.type = log_type<Trigger>("schedule.error"),
                 .name = trigger.name,
                 .about = references_of(trigger),
                 .created_at = now};
    log_item(rows, call, std::move(item), {{"reason", error.message}});
  }
  trigger.schedule_state = ScheduleState::invalid;
  trigger.schedule_error = error.message;
  trigger.next_due_at.reset();
  trigger.next_trigger_at.reset();
}

void forget_halt(Trigger& trigger, TimePoint now) {
  trigger.schedule_state = ScheduleState::active;
  trigger.schedule_error.reset();
  trigger.schedule_resumed_at = now;
}

}  // namespace bellpull
