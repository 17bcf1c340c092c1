// Makes next times anew, when what they were made by is not what holds now.
//
// A next time stands in its trigger's row, made by the rules and the clock of that moment. It may
// be wrong when the zones' rules or the schedules' language have changed since, or when the clock
// had run ahead: then it may lie years after the time that the schedule really has next. So the
// store keeps what the next times were made by, and a difference has all of them looked at. A
// schedule that could not be read is looked at every time: perhaps it can be now.
//
// What is due by its row is left alone: it fires first, and goes on by what holds now. An
// occurrence that has its event never gets another one, so a time that comes again fires nothing
// again.
//
// Goes through the triggers a few rows at a time, each few in a read and a transaction of their
// own.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/trigger.h"
#include "schedule/firing.h"
#include "store/occurrences.h"
#include "store/store.h"

namespace bellpull {

// How far the clock may run back without more than a wait.
inline constexpr Duration tolerated_step_back = std::chrono::minutes{1};

struct Renewal {
  RenewalScope scope = RenewalScope::all;
  bool with_ended = false;  // schedules without a next time may have one
  TimePoint seen_at;        // the last time at which the kept next times were right
  TimePoint now;
};

// By what was kept, and what holds now. `peak`: the latest that this process saw the clock show.
Renewal renewal_after(const std::optional<ScheduleBasis>& kept, const std::string& rules,
                      TimePoint peak, TimePoint now);

struct RenewedTime {
  Trigger trigger;           // as it was read
  std::optional<Halt> halt;  // it can't be read any more
  OccurrenceStore::Next next;
};

// Nothing when what stands in the row is right.
std::optional<RenewedTime> renewed_time(const Trigger& trigger, const Renewal& renewal);

// What decides the times of schedules in this process: its language, and its machine's zones.
std::string schedule_rules();

// Lifetime: outlives what it does. Threads: those of the tasks.
class Renewer {
 public:
  Renewer(Store& store, const Clock& clock, Log& log) : store_(store), clock_(clock), log_(log) {}

  // Does it, as long as it is wanted. Gives the basis that holds and is kept by now. For `peak` see
  // above.
  Task<std::optional<ScheduleBasis>> renew(TimePoint peak, std::function<bool()> is_wanted);

 private:
  std::vector<RenewedTime> decide(const std::vector<Trigger>& triggers,
                                  const Renewal& renewal) const;
  Task<void> keep(std::vector<RenewedTime> changes, TimePoint now);
  Task<void> keep_together(std::vector<RenewedTime> changes, TimePoint now);
  void failed(const Trigger& trigger, const std::exception& error) const;

  Store& store_;
  const Clock& clock_;
  Log& log_;
};

}  // namespace bellpull
