// Next times and occurrences: columns of the triggers and of the events (store/occurrences.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "sqlite/database.h"
#include "sqlite/written.h"
#include "store/accept.h"
#include "store/occurrences.h"

namespace bellpull {

class EventWriter;

class OccurrenceTable final : public OccurrenceStore {
 public:
  OccurrenceTable(Database& database, Written& written);
  // The writer's: events go through the statements of the hot door.
  void write_through(EventWriter& events) { events_ = &events; }

  bool advance(const Trigger& read, const Next& next) override;
  bool halt(const Trigger& read, ScheduleState state, std::string_view error) override;
  bool renew(const Trigger& read, const Next& next) override;
  void mark_fired(TriggerKey trigger, TimePoint at) override;
  std::optional<EventId> add(const NewEvent& event) override;
  std::vector<NextTime> next_times(const NextTime& after, std::int64_t limit) const override;
  RenewalPage to_renew(RenewalScope scope, TriggerKey after, std::int64_t rows) const override;
  std::optional<ScheduleBasis> basis() const override;
  void keep_basis(const ScheduleBasis& basis) override;
  bool is_one_pending(TriggerKey trigger) const override;
  bool has(TriggerKey trigger, TimePoint due) const override;
  std::vector<RunState> newest_ends(TriggerKey trigger, std::int64_t limit) const override;

 private:
  Written& written_;
  EventWriter* events_ = nullptr;
  Statement advance_;
  Statement halt_;
  Statement renew_;
  Statement mark_fired_;
  mutable Statement next_times_;
  mutable Statement scheduled_;
  mutable Statement unreadable_;
  mutable Statement basis_;
  Statement keep_basis_;
  mutable Statement newest_;
  mutable Statement has_;
  mutable Statement ends_;
};

}  // namespace bellpull
