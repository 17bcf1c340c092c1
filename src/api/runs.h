// Events as they were kept, and the runs they caused: our own reads, beside the contract's
// resources.
//
//   event/inbox/list, event/inbox/{id}/fetch, event/inbox/{id}/cancel
//   run/{id}/fetch, run/{id}/step/list, run/{id}/cancel
//
// Both fetches take `?wait=30`: they answer when the run has ended, or after that many seconds.
// Ids are numbers, so another account's event is not found, rather than forbidden.
#pragma once

#include <string_view>

#include "api/call.h"
#include "api/list_reply.h"
#include "api/routes.h"
#include "api/run_watch.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "http/response.h"
#include "store/list.h"
#include "store/store.h"

namespace bellpull {

struct InboxItem;

// Threads: any; constant after construction.
class Runs {
 public:
  Runs(Store& store, const Clock& clock, RunWatch& watch);
  void add_routes(Routes& routes);

 private:
  Task<Response> list_events(Call call);
  Task<Response> fetch_event(Call call);
  Task<Response> cancel_event(Call call);
  Task<Response> fetch_run(Call call);
  Task<Response> list_steps(Call call);
  Task<Response> cancel_run(Call call);

  // The run with its event, after its end or the wait that the query asks for.
  // `what` is what a message calls it: "Event" or "Run".
  Task<Result<InboxItem>> find_awaited(Call call, RunId run, std::string_view what);
  Task<Result<InboxItem>> find(AccountKey account, RunId run, std::string_view what);
  Task<Result<void>> cancel(AccountKey account, RunId run, std::string_view what);
  Task<Result<ListPage>> read_events(ListQuery query, Page page, View view);
  Task<Result<ListPage>> read_steps(RunId run, Page page, View view);

  Store& store_;
  const Clock& clock_;
  RunWatch& watch_;
};

}  // namespace bellpull
