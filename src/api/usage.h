// What was used, by account, trigger, bot and conversation, with what it cost (api-contract.md
// 2.17; money and triggers are ours).
#pragma once

#include <optional>
#include <string>

#include "api/call.h"
#include "api/list_reply.h"
#include "api/routes.h"
#include "api/usage_window.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "http/response.h"
#include "store/list.h"
#include "store/store.h"
#include "store/usage_store.h"

namespace bellpull {

class Usage {
 public:
  // `currency`: what prices are in.
  Usage(Store& store, const Clock& clock, std::string currency);
  void add_routes(Routes& routes);

 private:
  Task<Response> fetch(Call call);
  Task<Response> fetch_series(Call call);
  Task<Response> list(Call call);
  Task<Response> fetch_of_bot(Call call);
  Task<Response> fetch_of_trigger(Call call);
  Task<Response> fetch_of_conversation(Call call);

  // Each day on a snapshot of its own, so that none is held for long.
  Task<UsageByModel> used(UsageQuery query, UsageDays days);
  Task<Response> reply_recent(Call call, UsageQuery query);
  Task<UsageCounts> used_in(ConversationKey conversation, UsageSpan span);
  Task<Result<ListPage>> read_page(ListQuery query, Page page, View view);

  Store& store_;
  const Clock& clock_;
  const std::string currency_;
};

}  // namespace bellpull
