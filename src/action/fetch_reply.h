// What the model sees of an HTTP reply.
#pragma once

#include "action/action.h"
#include "action/fetch_request.h"
#include "egress/http_call.h"

namespace bellpull {

// {status, headers, body, truncated?}: the body as JSON when it says that it is and is not nested
// too deep (base/json.h), else as text; an error when it is neither, and for every status but 2xx.
// What `reading` wants is taken from the body of a 2xx reply only: an error is shown whole, and so
// is a body that it can't be taken from.
ActionOutcome outcome_of(HttpReply reply, const FetchReading& reading);

}  // namespace bellpull
