// Finds events with their runs, for the endpoints of both.
//
// Threads: any; constant after construction.
#pragma once

#include <string_view>
#include <vector>

#include "api/bounded_reader.h"
#include "api/call.h"
#include "api/inbox_items.h"
#include "api/list_reply.h"
#include "api/routes.h"
#include "api/run_watch.h"
#include "api/schema.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "store/event_search.h"
#include "store/list.h"
#include "store/store.h"

namespace bellpull {

// How long a fetch waits for the run's end, for the API's description; and what the lists give.
Description::Parameter wait_parameter();
Schema event_item_schema();
Schema attempt_schema();

class InboxReader {
 public:
  InboxReader(Store& store, const Clock& clock, RunWatch& watch);

  // `what` is what a message calls it: "Event" or "Run". Ids are numbers, so another account's is
  // not found, rather than forbidden.
  Task<Result<InboxItem>> find(AccountKey account, RunId run, std::string_view what) const;
  // The same after the run's end, or after the wait that the query asks for.
  Task<Result<InboxItem>> find_awaited(Call call, RunId run, std::string_view what) const;

  // One page; a partial one when the time is up before it is full.
  Task<Result<ListPage>> read_events(ListQuery query, EventSearch search, Page page,
                                     View view) const;
  // The same events as runs.
  Task<Result<ListPage>> read_runs(ListQuery query, EventSearch search, Page page, View view) const;
  // Those of a run, from its journal; one that left no step is named all the same.
  Task<Result<ListPage>> read_attempts(Run run, Page page, View view) const;

 private:
  struct Items {
    std::vector<InboxItem> items;
    ListPage page;  // its end
  };
  Task<Items> read_items(ListQuery query, EventSearch search, Page page) const;

  Store& store_;
  const BoundedReader reader_;
  RunWatch& watch_;
};

}  // namespace bellpull
