// What the next request of a redirected call is (RFC 9110, 15.4).
#pragma once

#include "base/result.h"
#include "egress/http_call.h"
#include "egress/url.h"

namespace bellpull {

bool is_redirect(unsigned status);

// `call` as it is sent to the reply's Location, which `from` is the base of. A POST becomes a GET
// after 301, 302 and 303; the body goes with it. To another origin go only headers that describe
// the message: Authorization, Cookie, and an API key under whatever name stay here.
Result<HttpCall> redirected(HttpCall call, const Url& from, const HttpReply& reply);

}  // namespace bellpull
