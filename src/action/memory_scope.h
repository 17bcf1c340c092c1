// Whose memories a call means.
#pragma once

#include "action/action.h"
#include "action/input_fields.h"
#include "base/result.h"
#include "domain/memory.h"
#include "store/transaction.h"

namespace bellpull {

// By `scope`, "contact" or "bot"; without it the run's contact, or else its bot. Adds a problem
// for one that the run has not, or that anybody could have claimed to be.
MemoryScope memory_scope(InputFields& fields, const ActionRequest& request);

// The scope as it is now: a contact that became one with another is that one. Fails with
// `not_found` for one that is gone.
Result<MemoryScope> present_scope(const Transaction& rows, MemoryScope scope);

}  // namespace bellpull
