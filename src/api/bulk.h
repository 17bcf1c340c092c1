// One action on many events, as a job in the background: our own endpoints.
//
//   event/inbox/bulk/replay, cancel, delete-body   {filter, until, dryRun}
//   job/list, job/{id}/fetch, job/{id}/cancel
//
// What a job means is frozen when it is asked for: events up to `until`, or up to the newest one
// then. A dry run does nothing, and says how many events it would be and shows some of them; with
// the `until` that it answers, the job that follows means the same ones.
//
// Threads: any; constant after construction.
#pragma once

#include "api/bounded_reader.h"
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
#include "store/bulk_jobs.h"
#include "store/list.h"
#include "store/store.h"

namespace bellpull {

class Bulk {
 public:
  Bulk(Store& store, const Clock& clock, RunWatch& watch);
  void add_routes(Routes& routes);

 private:
  Task<Response> start(Call call, BulkAction action);
  Task<Response> dry_run(Call call, BulkJob job);
  Task<Response> list(Call call);
  Task<Result<ListPage>> read_jobs(AccountKey account, Page page, View view);
  Task<Response> fetch(Call call);
  Task<Response> cancel(Call call);

  Store& store_;
  const Clock& clock_;
  const InboxReader inbox_;
  const BoundedReader reader_;
};

}  // namespace bellpull
