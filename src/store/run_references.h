// What an entry of the event log about a run says it is about.
#pragma once

#include <optional>

#include "domain/ids.h"
#include "domain/log_item.h"
#include "store/transaction.h"

namespace bellpull {

// The run's trigger with what that refers to, and its conversation, whose bot and contact win: a
// session's bot may be another than the trigger's is now.
LogReferences references_of_run(const Transaction& rows, TriggerKey trigger,
                                const std::optional<ConversationId>& conversation);

}  // namespace bellpull
