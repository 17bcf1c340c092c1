// What the model sees of an HTTP reply.
#pragma once

#include "action/action.h"
#include "action/fetch_request.h"
#include "egress/http_call.h"
#include "egress/redaction.h"

namespace bellpull {

// {status, headers, body, truncated?}: the body as JSON when it says that it is and is not nested
// too deep (base/json.h), else as text; an error when it is neither, and for every status but 2xx.
// What `reading` wants is taken from the body of a 2xx reply only: an error is shown whole, and so
// is a body that it can't be taken from. It is taken from the redacted body, so that no function of
// it can turn a secret into something that nobody recognizes. `redactor` may be null.
ActionOutcome outcome_of(HttpReply reply, const FetchReading& reading, const Redactor* redactor);

}  // namespace bellpull
