// Trying an ability out: `skillset/{id}/ability/{id}/execute` (api-contract.md 2.4).
//
// The call is made by the bench, on the worker's executor. Its events are streamed as they happen,
// or the outcome is answered as JSON; a client that goes away ends the call. A call that failed is
// a 200 with `error`: no client is to make it again by itself.
//
// Threads: any; constant after construction.
#pragma once

#include <memory>

#include "action/ability_bench.h"
#include "api/call.h"
#include "api/routes.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "http/response.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

class AbilityExecution {
 public:
  AbilityExecution(Store& store, const Clock& clock, Random& random, AbilityBench& bench);
  void add_routes(Routes& routes);

 private:
  struct Request;  // what was asked for
  struct Origin;   // whose call it is, of which ability
  struct Execution;

  Task<Response> execute(Call call);
  Result<AbilityBench::Wanted> prepare(Transaction& rows, const Call& call, const Request& request,
                                       TimePoint now) const;
  // Writes down what a call did, in the event log and the usage.
  Task<void> record(std::shared_ptr<const Origin> origin, AbilityBench::Tried tried);
  Task<void> answer(BodyWriter writer, std::shared_ptr<Execution> execution);
  Task<void> stream(BodyWriter writer, std::shared_ptr<Execution> execution);
  // False: the client is gone.
  Task<bool> wait(BodyWriter writer, std::shared_ptr<Execution> execution);
  // What is told of the end: not the outcome, when the caller may not read it any more.
  Task<Result<boost::json::object>> result_of(std::shared_ptr<Execution> execution);

  Store& store_;
  const Clock& clock_;
  Random& random_;
  AbilityBench& bench_;
};

}  // namespace bellpull
