// What the model sees of a statement's reply or failure.
#pragma once

#include "action/action.h"
#include "database/query.h"

namespace bellpull {

// {"rows": [{...}, ...], "affected": 2, "truncated": "..."}; rows are objects by their columns'
// names, of which a repeated one gets a number.
ActionOutcome outcome_of(QueryReply reply);

// {"error": ..., "cause": ..., "sqlstate": ..., "hint": ...}, with `is_error`.
ActionOutcome outcome_of(const QueryFailure& failure);

}  // namespace bellpull
