// Ending a run by hand, which events and runs both offer.
#pragma once

#include <string_view>

#include "api/call.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/ids.h"
#include "store/transaction.h"

namespace bellpull {

// Why a run ended that a person ended.
inline constexpr std::string_view canceled_by_hand = "canceled by hand";

// With its entry in the event log. Fails with `not_found` for another account's, in the words for
// `what` it was called by ("Event", "Run"), and with `conflict` when it has ended.
Result<void> cancel_run(Transaction& rows, const Call& call, RunId run, std::string_view what,
                        TimePoint now);

}  // namespace bellpull
