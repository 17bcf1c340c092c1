// The body of an event as it was sent, for a person to keep: never for a browser to act on.
#pragma once

#include "domain/event.h"
#include "http/response.h"

namespace bellpull {

// Its own content type, as a file to save: whoever sent the event may have sent a script.
Response body_reply(Event event);

}  // namespace bellpull
