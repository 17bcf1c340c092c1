// Saying what became of a call whose outcome nobody knew:
// `{"outcome": "done", "result": ..., "note": "..."}`.
#pragma once

#include <boost/json/object.hpp>

#include "api/call.h"
#include "api/schema.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/transcript.h"
#include "store/transaction.h"

namespace bellpull {

// Fails with all that is wrong.
Result<Resolution> parse_resolution(const boost::json::object& body);
// Of such a body.
Schema resolution_schema();

// With its entry in the event log, unless the same was said before; gives the step that says so.
// Fails with `not_found` for another account's, and with `conflict` (RunStore::resolve).
Result<StepId> resolve_call(Transaction& rows, const Call& call, const StepId& result,
                            const Resolution& resolution, TimePoint now);

}  // namespace bellpull
