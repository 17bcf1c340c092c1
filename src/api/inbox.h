// Events as they were kept, with what became of them: our own endpoints, beside the contract's.
//
//   event/inbox/list, event/inbox/count
//   event/inbox/{id}/fetch, body, attempt/list
//   event/inbox/{id}/cancel, retry, replay
//
// A list or a count takes two seconds at most (bounded_reader.h): a list then gives a partial page
// with the cursor to go on with, a count says that it is a lower bound.
//
// Threads: any; constant after construction.
#pragma once

#include <cstddef>
#include <string>

#include "api/bounded_reader.h"
#include "api/call.h"
#include "api/inbox_reader.h"
#include "api/routes.h"
#include "api/run_watch.h"
#include "base/task.h"
#include "base/time.h"
#include "http/response.h"
#include "store/store.h"

namespace bellpull {

class Inbox {
 public:
  // `body_limit` is that of an event's body, which a replay may bring its own of.
  Inbox(Store& store, const Clock& clock, RunWatch& watch, std::size_t body_limit);
  void add_routes(Routes& routes);

 private:
  void add_lists(Routes& routes, const std::string& base);
  Task<Response> list(Call call);
  Task<Response> count(Call call);
  Task<Response> fetch(Call call);
  Task<Response> body(Call call);
  Task<Response> list_attempts(Call call);
  Task<Response> cancel(Call call);
  Task<Response> retry(Call call);
  Task<Response> replay(Call call);

  Store& store_;
  const Clock& clock_;
  const InboxReader reader_;
  const BoundedReader bounded_;
  const std::size_t body_limit_;
};

}  // namespace bellpull
