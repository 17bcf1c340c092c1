// The life of an approval: it is asked for once per call, and decided once.
//
// Plain functions of a transaction. Whoever decides wakes the run in the same one, so that neither
// a crash nor a race leaves a decided approval whose run waits.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "domain/approval.h"
#include "domain/log_item.h"
#include "store/transaction.h"

namespace bellpull {

// The approval of a call, as it stands now. `wanted` is kept, with its entry in the event log, when
// the call has none yet; one whose time is over expires here. Fails with `conflict` when the run
// that asks has ended.
Result<Approval> ask_approval(Transaction& rows, Approval wanted, TimePoint now);

struct Decision {
  bool approve = false;
  std::string by;       // see Approval
  std::string by_name;  // likewise
  std::string note;
};

// The approval as it is decided. Fails with `conflict` when it is not pending any more.
Result<Approval> decide_approval(Transaction& rows, Approval approval, const Decision& decision,
                                 TimePoint now);

// "approval.create": what the event log says of it, but for `meta`.
LogItem approval_entry(const Transaction& rows, const Approval& approval, std::string_view type,
                       TimePoint now);

}  // namespace bellpull
