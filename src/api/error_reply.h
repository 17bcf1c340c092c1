// The only place where errors become status codes (api-contract.md 1.6).
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/response.h"

namespace bellpull {

// How long a client should wait before it repeats what was refused for want of capacity.
inline constexpr std::chrono::seconds usual_retry_after{1};

// {"message", "code", "requestId", "hint"?} under the status of the error's code; a 429 or a 503
// says when to try again.
Response error_reply(const Error& error, std::string_view request_id,
                     std::chrono::seconds retry_after = usual_retry_after);

// The same for what the HTTP server itself refuses; an unknown status counts as its class.
Response status_reply(int status, std::string_view message, std::string_view request_id,
                      std::string_view hint = {});

// "BAD_REQUEST": the code that the wire calls an error by.
std::string_view error_word(ErrorCode code);

}  // namespace bellpull
