// The event log: what was done to an account's resources and what happened in its runs, listed,
// exported and followed live (api-contract.md 2.16).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "api/call.h"
#include "api/list_reply.h"
#include "api/log_watch.h"
#include "api/routes.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "http/response.h"
#include "store/list.h"
#include "store/store.h"

namespace bellpull {

class EventLogRoutes {
 public:
  EventLogRoutes(Store& store, const Clock& clock, LogWatch& watch);
  void add_routes(Routes& routes);

 private:
  // One subscriber: how far it has read, and how.
  struct Feed;

  Task<Response> list(Call call);
  Task<Response> subscribe(Call call);

  Task<Result<ListPage>> read_page(ListQuery query, Page page, View view);
  // The number after which the newest `length` entries of the account begin.
  Task<Result<std::int64_t>> start_of_history(AccountKey account, std::int64_t length);
  Task<void> follow(BodyWriter writer, std::shared_ptr<Feed> feed);
  // Sends what is new, page by page. False: the client is gone, or the store can't be read.
  Task<bool> send_new(BodyWriter writer, std::shared_ptr<Feed> feed);
  // False: the client is gone, or its token may not read on, which it is told.
  Task<bool> send(BodyWriter writer, std::shared_ptr<Feed> feed, std::string text);

  Store& store_;
  const Clock& clock_;
  LogWatch& watch_;
};

}  // namespace bellpull
