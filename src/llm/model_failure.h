// Which failures of a model's server another attempt can cure; all languages have the same form.
#pragma once

#include <optional>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/time.h"
#include "egress/http_call.h"
#include "llm/provider.h"

namespace bellpull {

// A reply with any status but 2xx. Rate limits and the server's own troubles are retryable; what is
// wrong with the request, the key or the account's money is final. `x-should-retry` decides where
// it is given, except about money. The message quotes the server and is not redacted.
Failure failure_of_status(const HttpReply& reply, TimePoint now);

// An error object in a reply with status 200, {"error": {...}}: by its code, when that is a status,
// else retryable.
Failure failure_in_answer(const boost::json::value& reply);

// The name that the server gave the request, in the header that either language has for it.
std::optional<std::string_view> request_id(const HttpReply& reply);

// No reply at all.
Failure failure_of_transport(const HttpFailure& failure);

}  // namespace bellpull
