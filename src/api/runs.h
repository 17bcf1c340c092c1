// Runs and their steps: our own reads, beside the contract's resources.
//
//   run/{id}/fetch, run/{id}/step/list, run/{id}/cancel
//   step/{id}/fetch, step/{id}/resolve, conversation/{id}/run/list
//
// A fetch takes `?wait=30`: it answers when the run has ended, or after that many seconds.
#pragma once

#include "api/call.h"
#include "api/inbox_reader.h"
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

// Threads: any; constant after construction.
class Runs {
 public:
  Runs(Store& store, const Clock& clock, RunWatch& watch);
  void add_routes(Routes& routes);

 private:
  Task<Response> fetch(Call call);
  Task<Response> cancel(Call call);
  Task<Response> list_steps(Call call);
  Task<Response> fetch_step(Call call);
  void add_resolve(Routes& routes);
  Task<Response> resolve(Call call);
  Task<Response> list_of_conversation(Call call);
  Task<Result<ListPage>> read_steps(RunId run, Page page, View view);

  Store& store_;
  const Clock& clock_;
  const InboxReader reader_;
};

}  // namespace bellpull
