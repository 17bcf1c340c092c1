// Requests that the endpoints of triggers refused: event/inbox/rejected/list.
//
// Threads: any; constant after construction.
#pragma once

#include <optional>

#include "api/call.h"
#include "api/list_reply.h"
#include "api/routes.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "http/response.h"
#include "store/list.h"
#include "store/rejected_requests.h"
#include "store/store.h"

namespace bellpull {

// Why an event was refused, by the status that its sender was told; nothing for a status that is no
// refusal of the trigger's.
std::optional<RejectionCause> rejection_cause(int status);

class Rejected {
 public:
  explicit Rejected(Store& store) : store_(store) {}
  void add_routes(Routes& routes);

 private:
  Task<Response> list(Call call);
  Task<Result<ListPage>> read_page(ListQuery query, Page page, View view);

  Store& store_;
};

}  // namespace bellpull
