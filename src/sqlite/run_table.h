// Events with their runs and steps: reading them, and the few writes of the management door.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/step.h"
#include "sqlite/database.h"
#include "sqlite/list_sql.h"
#include "store/accept.h"
#include "store/list.h"
#include "store/run_records.h"
#include "store/transaction.h"

namespace bellpull {

// The runs of account ?1 that are dead, after ?2, at most ?3; from a partial index, so the state is
// a literal.
inline constexpr std::string_view dead_sql = R"sql(
  select id from runs where account = ?1 and state = 8 and id > ?2 order by id limit ?3)sql";
inline constexpr std::string_view dead_descending_sql = R"sql(
  select id from runs where account = ?1 and state = 8 and id < ?2 order by id desc limit ?3)sql";

class Conditions;
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
  std::optional<EventAndRun> find(RunId run, Body body) const override;
  PagePart<EventAndRun> look(const ListQuery& query) const override;
  std::vector<Step> steps(RunId run, const Page& page) const override;
  std::vector<PendingRun> pending(TriggerKey trigger, std::int64_t after,
                                  std::int64_t limit) const override;
  std::optional<PendingRun> first_pending(TriggerKey trigger, std::int64_t session) const override;
  std::vector<TriggerKey> triggers_with_pending(TriggerKey after,
                                                std::int64_t limit) const override;

  boost::json::object step_content(const StepId& id) const;
  Event event_of_run(RunId run) const;

 private:
  Stretch next(const ListQuery& query) const;
  Stretch next_dead(const ListQuery& query) const;
  std::vector<EventAndRun> select(const Conditions& conditions, const Page& page) const;

  Database& database_;
  const IndexReader* const index_;
  EventWriter* events_ = nullptr;
  RunRecords* records_ = nullptr;
  mutable Statement find_;
  mutable Statement dead_;
  mutable Statement dead_descending_;
  mutable Statement body_;
  mutable Statement step_;
  mutable Statement steps_;
  mutable Statement steps_descending_;
  mutable Statement pending_;
  mutable Statement first_pending_;
  mutable Statement triggers_;
};

}  // namespace bellpull
