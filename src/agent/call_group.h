// Makes the calls of one answer, in parallel, and records what they give.
//
// Before: every call that may take effect has its intent committed. After: every call is done. The
// results are recorded as they arrive, those of one turn of the loop in one commit; a slow call
// does not keep a fast one's result from the journal.
//
// Threads: the worker's executor only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "action/action.h"
#include "agent/exchange.h"
#include "agent/run_plans.h"
#include "agent/run_recorder.h"
#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "llm/provider.h"
#include "store/run_records.h"

namespace bellpull {

class CallGroup {
 public:
  // The plan is there before a call is intended, resolved or made; the context before one is made.
  CallGroup(const SharedPlan& plan, const CallContext& context, RunRecorder& recorder,
            const Clock& clock, Log& log, std::size_t result_bytes);

  // Adds the intents of a new answer's calls, and results for those that can't be made: of a cut
  // answer, of an unknown function, with broken arguments. Settling calls are left as they are.
  // Gives the number of intents.
  std::int64_t intend(Exchange& exchange, std::string_view run_key) const;

  // Answers the settling calls of an exchange that did not settle the run.
  void refuse_settlement(Exchange& exchange, std::string_view run_key) const;

  // For calls that an earlier attempt intended and nobody knows the result of: one that was
  // intended as idempotent, and still is, stays open, to be made with the same key; any other is an
  // unknown outcome.
  void resolve(Exchange& exchange) const;

  // Makes the open calls. Fails with `lease_lost`; throws StoreUnavailable.
  // The exchange lives until this returns.
  Task<Result<void>> make(Exchange* exchange, SteadyTime deadline);

  // Gives open calls the result of a run that is cut off now. What was intended as idempotent stays
  // open when another attempt follows.
  enum class Afterwards : std::uint8_t { another_attempt, the_end };
  void cut_off(Exchange& exchange, Afterwards afterwards) const;

  // The model calls that the calls made themselves, since the last time it was asked.
  std::vector<ModelUse> take_model_calls() { return std::exchange(model_calls_, {}); }

 private:
  // Calls run as tasks of their own; these outlive them all.
  struct Making {
    Exchange& exchange;
    SteadyTime deadline;
    std::size_t open = 0;
  };
  Task<bool> make_one(Making* making, std::size_t index);
  Task<ActionOutcome> outcome_of(Making* making, std::size_t index);
  void record_intent(ExchangeCall& call, const boost::json::object& arguments,
                     std::string_view run_key) const;
  void conclude(ExchangeCall& call, const ActionOutcome& outcome, Duration took) const;
  // As the run's abilities are now.
  bool is_idempotent(const ToolCall& call) const;
  ActionOutcome unknown_function(std::string_view name) const;

  const SharedPlan& plan_;
  const CallContext& context_;
  RunRecorder& recorder_;
  const Clock& clock_;
  Log& log_;
  const std::size_t result_bytes_;

  std::vector<ModelUse> model_calls_;
};

}  // namespace bellpull
