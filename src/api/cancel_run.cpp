#include "api/cancel_run.h"

#include <string>
#include <string_view>

#include "api/call.h"
#include "api/log_change.h"
#include "api/rows.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/ids.h"
#include "store/transaction.h"

namespace bellpull {

Result<void> cancel_run(Transaction& rows, const Call& call, RunId run, std::string_view what,
                        TimePoint now) {
  const auto found = rows.runs().find(run, RunStore::Body::without);
  if (!found || found->run.account != call.caller.account) return not_found(what);
  if (!rows.runs().cancel(run, canceled_by_hand, now)) {
    return fail(ErrorCode::conflict, "The run has ended already",
                "run/" + run.text() + "/fetch says how");
  }
  log_run(rows, call, found->run, "run.cancel", now);
  return {};
}

}  // namespace bellpull
