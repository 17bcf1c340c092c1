// Events with their runs and steps: reading them, and the few writes of the management door.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/step.h"
#include "domain/transcript.h"
#include "sqlite/database.h"
#include "sqlite/event_looks.h"
#include "store/accept.h"
#include "store/event_search.h"
#include "store/list.h"
#include "store/run_records.h"
#include "store/transaction.h"

namespace bellpull {

class EventWriter;
class IndexReader;
class RunRecords;

class RunTable final : public RunStore {
 public:
  // A snapshot's: it only reads. `index` is null where lists need not be fast.
  RunTable(Database& database, const IndexReader* index);
  // The writer's: what is written goes through the statements of the hot doors.
  void write_through(EventWriter& events, RunRecords& records);

  EventId add(const NewEvent& event) override;
  bool cancel(RunId run, std::string_view reason, TimePoint now) override;
  bool retry(RunId run, TimePoint now) override;
  bool wake(RunId run, TimePoint now) override;
  Result<ResolvedCall> resolve(const StepId& result, const Resolution& resolution,
                               TimePoint now) override;
  bool remove_body(EventId event, TimePoint now) override;
  std::optional<EventAndRun> find(RunId run, Body body) const override;
  using RunStore::look;
  PagePart<EventAndRun> look(const ListQuery& query, const EventSearch& search) const override;
  PagePart<RunTimes> times(const ListQuery& query, const EventSearch& search) const override;
  EventId newest() const override;
  std::vector<EventId> replays(EventId event, std::int64_t limit) const override;
  std::vector<UnknownCall> unknown_calls(RunId run) const override;
  std::vector<Attempt> attempts(RunId run) const override;
  PagePart<Step> steps(RunId run, const Page& page) const override;
  std::vector<PendingRun> pending(TriggerKey trigger, std::int64_t after,
                                  std::int64_t limit) const override;
  std::optional<PendingRun> first_pending(TriggerKey trigger, std::int64_t session) const override;
  std::vector<TriggerKey> triggers_with_pending(TriggerKey after,
                                                std::int64_t limit) const override;

  std::optional<Step> step(const StepId& id) const;
  boost::json::object step_content(const StepId& id) const;
  // The step that resolved the call of this result.
  std::optional<Step> resolution_of(const StepId& result) const;
  Event event_of_run(RunId run) const;

 private:
  const EventLooks looks_;
  EventWriter* events_ = nullptr;
  RunRecords* records_ = nullptr;
  mutable Statement find_;
  mutable Statement body_;
  mutable Statement replays_;
  mutable Statement unknown_;
  mutable Statement resolutions_;
  mutable Statement attempts_;
  mutable Statement step_;
  mutable Statement steps_;
  mutable Statement steps_descending_;
  mutable Statement pending_;
  mutable Statement first_pending_;
  mutable Statement triggers_;
};

}  // namespace bellpull
