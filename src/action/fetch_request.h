// The input of fetch: a bare URL, or an HTTP message (api-contract.md, B.4).
#pragma once

#include <string_view>

#include "base/result.h"
#include "egress/http_call.h"

namespace bellpull {

// Method, URL, headers and body; headers without a value are left out. A body without a content
// type gets one by its looks.
Result<HttpCall> parse_fetch_request(std::string_view input);

// Whether the method may be repeated (RFC 9110, 9.2.2).
bool is_idempotent_method(std::string_view method);

}  // namespace bellpull
