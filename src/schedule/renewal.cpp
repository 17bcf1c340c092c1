#include "schedule/renewal.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "schedule/firing.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"
#include "store/occurrences.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// Grows when a text comes to mean other times than before.
constexpr int language_version = 1;

// So few that reading a schedule for each keeps the loop, and writing them the writer, for less
// than 5 ms.
constexpr std::int64_t rows_at_once = 200;

// When the row was last right: changed by its owner, fired, or seen by a scheduler.
TimePoint right_until(const Trigger& trigger, const Renewal& renewal) {
  TimePoint time = std::max(renewal.seen_at, trigger.updated_at);
  if (trigger.last_trigger_at) time = std::max(time, *trigger.last_trigger_at);
  return std::min(time, renewal.now);
}

void keep_one(Transaction& rows, const RenewedTime& one, TimePoint now) {
  if (one.halt) {
    keep_firing(rows, Firing{.trigger = one.trigger, .halt = one.halt, .plan = {}}, now);
  } else {
    rows.occurrences().renew(one.trigger, one.next);
  }
}

struct ReadPage {
  std::vector<Trigger> triggers;
  std::optional<TriggerKey> passed;
};

ReadPage read_page(const Transaction& snapshot, RenewalScope scope, TriggerKey after) {
  const RenewalPage page = snapshot.occurrences().to_renew(scope, after, rows_at_once);
  ReadPage read{.triggers = {}, .passed = page.passed};
  for (const TriggerKey key : page.triggers) {
    if (auto trigger = snapshot.triggers().find(key)) read.triggers.push_back(std::move(*trigger));
  }
  return read;
}

}  // namespace

Renewal renewal_after(const std::optional<ScheduleBasis>& kept, const std::string& rules,
                      TimePoint peak, TimePoint now) {
  if (!kept) return {.with_ended = true, .seen_at = now, .now = now};
  const bool ran_back = now < std::max(kept->seen_at, peak) - tolerated_step_back;
  const bool is_all = ran_back || kept->rules != rules;
  return {.scope = is_all ? RenewalScope::all : RenewalScope::unreadable,
          .with_ended = ran_back,
          .seen_at = kept->seen_at,
          .now = now};
}

std::optional<RenewedTime> renewed_time(const Trigger& trigger, const Renewal& renewal) {
  const bool was_readable = trigger.schedule_state != ScheduleState::invalid;
  // It is due, though jitter may still delay it.
  if (trigger.next_due_at && *trigger.next_due_at <= renewal.now) return std::nullopt;
  if (was_readable && !trigger.next_due_at && !renewal.with_ended) return std::nullopt;

  const Result<Timetable> timetable = Timetable::of(trigger);
  if (!timetable) {
    if (!was_readable) return std::nullopt;
    return RenewedTime{
        .trigger = trigger,
        .halt = Halt{.state = ScheduleState::invalid, .reason = timetable.error().message},
        .next = {}};
  }
  // What a schedule had while it could not be read is not made up for.
  const TimePoint from = was_readable ? right_until(trigger, renewal) : renewal.now;
  OccurrenceStore::Next next;
  if (const auto one = timetable->next_after(from)) {
    next = {.due_at = one->due, .fires_at = one->fires_at};
  }
  const bool stands =
      next.due_at == trigger.next_due_at && next.fires_at == trigger.next_trigger_at;
  if (was_readable && stands) return std::nullopt;
  return RenewedTime{.trigger = trigger, .halt = std::nullopt, .next = next};
}

std::string schedule_rules() { return std::to_string(language_version) + " " + zone_rules(); }

void Renewer::failed(const Trigger& trigger, const std::exception& error) const {
  log_.error("schedule", "next time not made anew",
             {{"trigger", json::value(trigger.id.text())}, {"error", error.what()}});
}

// One that fails keeps its old time; the others do not wait for it.
std::vector<RenewedTime> Renewer::decide(const std::vector<Trigger>& triggers,
                                         const Renewal& renewal) const {
  std::vector<RenewedTime> all;
  for (const Trigger& trigger : triggers) {
    try {
      if (auto one = renewed_time(trigger, renewal)) all.push_back(std::move(*one));
    } catch (const std::exception& error) {
      failed(trigger, error);
    }
  }
  return all;
}

Task<void> Renewer::keep_together(std::vector<RenewedTime> changes, TimePoint now) {
  static_cast<void>(co_await store_.transact([&](Transaction& rows) -> Result<void> {
    for (const RenewedTime& one : changes) keep_one(rows, one, now);
    return {};
  }));
}

Task<void> Renewer::keep(std::vector<RenewedTime> changes, TimePoint now) {
  bool has_failed = false;
  try {
    co_await keep_together(changes, now);
  } catch (const WriteFailed&) {
    has_failed = true;
  }
  if (!has_failed) co_return;
  for (const RenewedTime& one : changes) {
    std::vector<RenewedTime> alone(1, one);
    try {
      co_await keep_together(std::move(alone), now);
    } catch (const WriteFailed& error) {
      failed(one.trigger, error);
    }
  }
}

Task<std::optional<ScheduleBasis>> Renewer::renew(TimePoint peak, std::function<bool()> is_wanted) {
  const auto kept = co_await store_.read(
      [](const Transaction& snapshot) { return snapshot.occurrences().basis(); });
  const std::string rules = schedule_rules();
  Renewal renewal = renewal_after(kept, rules, peak, clock_.now());
  const ScheduleBasis basis{.rules = rules, .seen_at = renewal.now};
  std::int64_t renewed = 0;
  for (TriggerKey after{0};;) {
    const ReadPage page = co_await store_.read(
        [&](const Transaction& snapshot) { return read_page(snapshot, renewal.scope, after); });
    if (!is_wanted()) co_return std::nullopt;
    renewal.now = std::max(renewal.now, clock_.now());
    std::vector<RenewedTime> changes = decide(page.triggers, renewal);
    renewed += static_cast<std::int64_t>(changes.size());
    if (!changes.empty()) co_await keep(std::move(changes), renewal.now);
    if (!page.passed) break;
    after = *page.passed;
  }
  if (renewal.scope == RenewalScope::all) {
    log_.info("schedule", "next times made anew",
              {{"rules", json::value(rules)}, {"triggers", renewed}});
  }
  if (!is_wanted()) co_return std::nullopt;
  if (renewal.scope == RenewalScope::unreadable) co_return kept;
  static_cast<void>(co_await store_.transact([&](Transaction& rows) -> Result<void> {
    rows.occurrences().keep_basis(basis);
    return {};
  }));
  co_return basis;
}

}  // namespace bellpull
